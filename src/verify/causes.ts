/** Why a signature fails. Stable: scripts and CI rules are written against these. */
export type CauseCode =
  // The headers cannot be read.
  | 'header_missing'
  | 'header_malformed'
  | 'header_duplicated'
  | 'unknown_version'
  | 'url_missing'
  // The signature matches; the clock does not.
  | 'timestamp_too_old'
  | 'timestamp_too_new'
  | 'timestamp_in_milliseconds'
  // The signature matches with the secret read otherwise.
  | 'secret_used_literally'
  | 'secret_used_decoded'
  | 'secret_base64url'
  | 'secret_prefix'
  | 'secret_quoted'
  | 'secret_whitespace'
  | 'secret_of_other_kind'
  | 'secret_of_other_endpoint'
  // The signature matches another body.
  | 'body_changed'
  | 'body_reformatted'
  | 'body_key_order'
  | 'body_escaped'
  | 'body_trailing_newline'
  | 'body_whitespace'
  | 'body_line_ends'
  | 'body_bom'
  | 'body_charset'
  | 'body_double_encoded'
  | 'body_base64'
  | 'body_form'
  | 'body_compressed'
  | 'body_chunked'
  | 'body_truncated'
  // The signature matches another URL, or is another kind of signature.
  | 'url_mismatch'
  | 'other_scheme'
  | 'signed_otherwise'
  | 'signature_encoding'
  | 'signature_mismatch';

/** One thing that is wrong, known for certain. */
export interface Cause {
  readonly code: CauseCode;
  /** One sentence without the final stop. */
  readonly message: string;
  /** The header at fault, where one is. */
  readonly header: string | null;
}

/** The message itself could not be checked: bad input, and no verdict on a signature. */
export function isUncheckable(code: CauseCode): boolean {
  return code === 'header_malformed' || code === 'header_duplicated' || code === 'url_missing';
}

export function cause(code: CauseCode, message: string, header: string | null = null): Cause {
  return { code, message, header };
}

import { resourceName } from './names.ts';

/** What varies in an emit call; what is not known is named so that a person sees what to put there. */
export interface EmitParts {
  readonly eventType: string;
  /** Property of the data that holds the resource id. */
  readonly subject: string;
  readonly client?: string | undefined;
  readonly data?: string | undefined;
  readonly events?: string;
  readonly quote?: "'" | '"';
  /** The subject itself, where it is no property of the data. */
  readonly subjectText?: string | undefined;
  /** The subject is neither a string nor a number. */
  readonly isSubjectForeign?: boolean;
}

export function emitCall(parts: EmitParts): string {
  const {
    eventType,
    subject,
    client = 'client',
    events = 'events',
    quote = "'",
    isSubjectForeign = false,
  } = parts;
  const data = parts.data ?? resourceName(eventType);
  const id = parts.subjectText ?? propertyText(data, subject, quote);
  const property = data === 'data' ? 'data' : `data: ${data}`;
  return `await ${events}.emit(${client}, ${quote}${eventType}${quote}, { subject: ${isSubjectForeign ? `String(${id})` : id}, ${property} })`;
}

function propertyText(data: string, subject: string, quote: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(subject) ? `${data}.${subject}` : `${data}[${quote}${subject}${quote}]`;
}

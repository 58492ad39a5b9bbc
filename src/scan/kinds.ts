import type { MutationKind } from './report.ts';
import { segmentsOf } from './segments.ts';
import { asksFor, isActionVerb, isPureVerb, READ_VERBS } from './verbs.ts';
import { wordsOf } from './words.ts';
import type { NamedRoute } from './naming.ts';

const AUTH_ACTION =
  /^(?:log_?in|log_?on|sign_?in|log_?out|sign_?out|logoff|authenticate|authenticated?|backchannel_logout|refresh_?tokens?|token_refresh|introspect|sso|saml|oidc|ldap|oauth2?|acs)$/;
const SESSION_STEP = /^(?:log_?in|log_?out|sign_?in|sign_?out)$/;
const PROVIDER =
  /^(?:stripe|github|gitlab|bitbucket|paypal|twilio|slack|shopify|square|sendgrid|mailgun|postmark|telegram|discord|whatsapp|facebook|meta|razorpay|paddle|plaid|adyen|clerk|auth0|lemonsqueezy|revenuecat|mollie|xendit|paystack|flutterwave|hubspot|zendesk|intercom|calendly|docusign|jira|linear)$/;
/** `POST /auth/apple/mobile` */
const SIGN_IN_PROVIDER = /^(?:apple|discord|facebook|github|gitlab|google|linkedin|microsoft|twitter)$/;
/** `POST /auth/verify-credentials` proves something and changes nothing. */
const PROOF = new Set(['cred', 'creds', 'credentials', 'signature', 'captcha', 'availability', 'password']);

/** One address behind which another protocol chooses what is done. */
const GATEWAY = /^(?:graphi?ql|gql|mcp|trpc|orpc|rpc|json_?rpc|soap|xmlrpc)$/;
/** Parameters that stand for what is called, not for a thing. */
const PROCEDURE = /\/:(?:trpc|orpc|rpc|procedure|transport|method)$/;
/** Things that a POST works out and nobody keeps. */
const ANSWER =
  /^(?:autocomplete|decode|detokenize|encode|calculation|health|health_?check|ping|completions?|count|embeddings?|estimates?|facets?|lookup|moderations?|previews?|search|stats|suggestions?|tokenize|typeahead|validations?|validator)$/;

const METHOD_VERB = /^(?:add|create|delete|edit|remove|save|set|update)$/;

/** Whether others manage webhooks under this path, so that a POST to it creates one. */
export type IsManaged = (path: string) => boolean;

export interface KindVerdict {
  readonly kind: MutationKind;
  /** What in the path or in the handler's name says so. */
  readonly because: string;
}

/** What a route is for, from its path and its handler's name. */
export function kindOf(route: NamedRoute, isManaged: IsManaged): KindVerdict {
  const { segments, noise } = segmentsOf(route.path);
  const statics = segments.flatMap((segment) => (segment.kind === 'static' ? [segment.words] : []));
  const last = statics.at(-1) ?? [];
  const whole = last.join('_');
  const [onEvent, ...others] = wordsOf(route.handlerName?.split('.').at(-1) ?? '');
  const handler = onEvent === undefined ? [] : [onEvent, ...others];
  const isUnderAuth =
    noise.some((word) => word.startsWith('auth')) || statics.some((words) => isAuthWord(words));
  const endsInParameter = segments.at(-1)?.kind === 'parameter';
  const hasParameter = segments.some((segment) => segment.kind === 'parameter' && !segment.isOwn);

  const verdict = (kind: MutationKind, because: string): KindVerdict => ({ kind, because });
  const named = `"${last.join('-')}"`;

  if (isInboundWebhook(statics, route, handler, isUnderAuth, isManaged)) {
    return verdict('inbound_webhook', 'the path or the handler is of what another service calls');
  }
  if (isGateway(route, statics, endsInParameter, isUnderAuth)) {
    return verdict('query', 'it is one address for whatever another protocol or server chooses');
  }
  if (AUTH_ACTION.test(whole) && !(endsInParameter && !isUnderAuth)) {
    return verdict('auth', `the last segment ${named} is a step of signing in or out`);
  }
  if (last.length > 1 && isSigningIn(last)) {
    return verdict('auth', `${named} is about signing in or out`);
  }
  if (isProofOfIdentity(last, statics.at(-2) ?? [], handler, isUnderAuth)) {
    return verdict('auth', `${named} proves who somebody is and changes nothing else`);
  }
  // `/sso/login/callback/google`
  const signsIn = statics.slice(0, -1).some((words) => AUTH_ACTION.test(words.join('_')));
  const isProvided = statics.some((words) => SIGN_IN_PROVIDER.test(words.join('_')));
  if (isUnderAuth && isProvided && route.method === 'POST' && !isActionVerb(last[0] ?? '')) {
    return verdict('auth', 'it is a sign-in with another service');
  }
  if (isUnderAuth && signsIn && statics.some((words) => words.join('_') === 'callback')) {
    return verdict('auth', 'it is where a sign-in with another service comes back to');
  }
  if (isUnderAuth && route.method !== 'DELETE' && isAuthEnd(last, hasParameter)) {
    return segments.some((segment) => segment.kind === 'parameter' && segment.isOwn)
      ? verdict('mutation', 'the path stands for the caller, who is changed')
      : verdict(
          'auth',
          `it is about ${last.length === 0 ? 'signing in' : named} below what is for signing in`,
        );
  }
  // `/logout/protected`, `/saml/assert`
  const before = statics.at(-2)?.join('_') ?? '';
  const isOfSession = SESSION_STEP.test(before) || (before === 'saml' && /^assert(?:ion)?$/.test(whole));
  if (isOfSession && route.method === 'POST' && !hasParameter) {
    return verdict('auth', `${named} is a step of what stands before it: ${before}`);
  }
  if (whole === 'refresh' && !hasParameter && statics.length <= 1) {
    return verdict('auth', '"refresh" of nothing else is that of a token');
  }
  // `handleGetSettings`
  if (
    route.method === 'POST' &&
    isReadLike(last, statics.at(-2) ?? [], onEvent === 'handle' ? others : handler)
  ) {
    return verdict('query', `${named} or the handler's name asks for something and changes nothing`);
  }
  if (route.method === 'POST' && isRemoteRead(route, last)) {
    return verdict('query', `the remote call ${named} names no verb, so it gives back a thing`);
  }
  return verdict('mutation', `${route.method} changes something, and no word of the path says otherwise`);
}

function isGateway(
  route: NamedRoute,
  statics: readonly (readonly string[])[],
  endsInParameter: boolean,
  isUnderAuth: boolean,
): boolean {
  const last = statics.at(-1)?.join('_') ?? '';
  if (GATEWAY.test(last) && (!endsInParameter || PROCEDURE.test(route.path))) return true;
  if (isUnderAuth) return false;
  const isCatchAll = route.path.endsWith('*');
  return (isCatchAll && (last === '' || last === 'proxy')) || (route.method === 'ALL' && last === '');
}

function isAuthWord(words: readonly string[]): boolean {
  return /^(?:oauth2?|oidc|saml|sso|session|sessions|ldap)$/.test(words.join('_'));
}

/** `/sso-login`, `/pkce_sign_in`, `/login-params` */
function isSigningIn(last: readonly string[]): boolean {
  const isWay = (words: readonly string[]): boolean =>
    /^(?:log_?in|log_?out|sign_?in|sign_?out)$/.test(words.join('_'));
  const isStep = /^(?:params|options|challenge|start|begin|finish|complete|verify)$/.test(last.at(-1) ?? '');
  return (
    isWay(last.slice(-1)) ||
    isWay(last.slice(-2)) ||
    last[0] === 'pkce' ||
    (isStep && isWay(last.slice(0, -1)))
  );
}

/** `POST /auth/verify-otp`, `passkeys.verifyAuthentication` */
function isProofOfIdentity(
  last: readonly string[],
  before: readonly string[],
  handler: readonly string[],
  isUnderAuth: boolean,
): boolean {
  const [first, ...rest] = last;
  if (
    rest.includes('authentication') &&
    /^(?:generate|verify|start|finish|begin|complete)$/.test(first ?? '')
  ) {
    return true;
  }
  const isCode = (words: readonly string[]): boolean =>
    words.some((word) => /^(?:otp|totp|mfa|2fa|passcode)$/.test(word));
  if (isCode(rest) && /^(?:verify|validate|check|send|request|resend)$/.test(first ?? '')) return true;
  // `/auth/otp/verify`
  const isStep =
    rest.length === 0 && /^(?:generate|verify|validate|check|send|request|resend)$/.test(first ?? '');
  if (isUnderAuth && isStep && isCode(before)) return true;
  return isUnderAuth && /^(?:log_?in|sign_?in)$/.test(handler.slice(0, 2).join('_'));
}

function isAuthEnd(last: readonly string[], hasParameter: boolean): boolean {
  const whole = last.join('_');
  if (/^(?:callback|token|tokens|refresh|session|sessions|authorize|revoke|verify_token)$/.test(whole)) {
    return !(hasParameter && /^(?:refresh|revoke|sessions?)$/.test(whole));
  }
  return whole === '';
}

function isReadLike(last: readonly string[], before: readonly string[], handler: readonly string[]): boolean {
  const [first, second] = last;
  if (first === undefined) return false;
  if (first === 'verify' && last.slice(1).some((word) => PROOF.has(word))) return true;
  if (asksFor(last) || ANSWER.test(last.join('_'))) return true;
  if ((first === 'is' || first === 'can' || first === 'has') && second !== undefined) return true;
  if (/^(?:search|query|preview|count)$/.test(last.at(-1) ?? '')) return true;
  // `POST /lessons/:id/download/pdf`
  if (/^(?:download|render)$/.test(before.join('_')) && !isActionVerb(first)) return true;
  // `POST /comments/byIds`
  if (first === 'by' && second !== undefined) return true;
  const [verb, by, ...what] = handler;
  // `POST /pages/watch-status` of `getWatchStatus`
  const isItsName = handler.slice(1).join('_') === last.join('_');
  if (verb !== undefined && /^(?:get|fetch|list|find|read)$/.test(verb) && isItsName) return true;
  if (isActionVerb(first)) return false;
  // `POST /orders/slug` of `orderBySlug`
  if (by === 'by' && verb !== undefined && !isPureVerb(verb) && what.join('_') === last.join('_'))
    return true;
  return verb !== undefined && READ_VERBS.has(verb) && !isActionVerb(verb) && !/^(?:test|export)$/.test(verb);
}

/** `documents.memberships`: a remote call that names no verb gives back the thing. */
function isRemoteRead({ path }: NamedRoute, last: readonly string[]): boolean {
  const [first] = last;
  const isRemoteCall = /\/[A-Za-z][\w-]*\.[A-Za-z]\w*$/.test(path);
  if (!isRemoteCall || first === undefined) return false;
  return !last.some((word) => isPureVerb(word)) && !isActionVerb(first);
}

function isInboundWebhook(
  statics: readonly (readonly string[])[],
  route: NamedRoute,
  handler: readonly string[],
  isUnderAuth: boolean,
  isManaged: IsManaged,
): boolean {
  if (route.method !== 'POST' && route.method !== 'ALL') return false;
  const names = statics.map((words) => words.join('_'));
  const last = names.at(-1) ?? '';
  const mentions = names.some((name) => /(?:^|_)(?:web_?hooks?|hooks?)(?:_|$)/.test(name));
  const hasProvider = names.some((name) => name.split('_').some((word) => PROVIDER.test(word)));
  // `handleUpdateWebhook` manages one of ours.
  const isManaging = METHOD_VERB.test(handler[1] ?? '') || READ_VERBS.has(handler[1] ?? '');
  const receives =
    handler.includes('webhook') && /^(?:handle|receive|process|on|incoming|inbound)$/.test(handler[0] ?? '');
  if (receives && !isManaging) return true;
  // `/notifications/stripe`
  const isFrom =
    PROVIDER.test(last) && /^(?:notifications?|events?|callbacks?|ipn)$/.test(names.at(-2) ?? '');
  const isSetting = names.some((name) => /^(?:settings?|config\w*|preferences?)$/.test(name));
  if (isFrom && !isSetting && !route.path.includes(':')) return true;
  if (mentions && hasProvider) return true;
  // `/webhooks/:provider`
  const isOfService = /^(?:[^:]*):(?:provider|vendor|gateway)(?:Name|Id)?$/.test(route.path);
  const isPlain = (isOfService || !route.path.includes(':')) && !isActionVerb(statics.at(-1)?.[0] ?? '');
  const isHook = names.some((name) => /^(?:web_?hooks?|hooks)$/.test(name));
  if (isHook && isPlain) return !isManaged(route.path);
  return !isUnderAuth && /^(?:callback|ipn|postback)$/.test(last);
}

import type { MutationKind } from './report.ts';
import { segmentsOf } from './segments.ts';
import { ACTION_VERBS, READ_VERBS } from './verbs.ts';
import { wordsOf } from './words.ts';
import type { NamedRoute } from './naming.ts';

const AUTH_ACTION =
  /^(?:log_?in|sign_?in|log_?out|sign_?out|logoff|authenticate|authenticated?|backchannel_logout|refresh_?tokens?|token_refresh|introspect|sso|saml|oidc|ldap|oauth2?|acs)$/;
const PROVIDER =
  /^(?:stripe|github|gitlab|bitbucket|paypal|twilio|slack|shopify|square|sendgrid|mailgun|postmark|telegram|discord|whatsapp|facebook|meta|razorpay|paddle|plaid|adyen|clerk|auth0|lemonsqueezy|revenuecat|mollie|xendit|paystack|flutterwave|hubspot|zendesk|intercom|calendly|docusign|jira|linear)$/;
/** `POST /auth/verify-credentials` proves something and changes nothing. */
const PROOF = new Set(['cred', 'creds', 'credentials', 'signature', 'captcha', 'availability', 'password']);

/** Whether others manage webhooks under this path, so that a POST to it creates one. */
export type IsManaged = (path: string) => boolean;

/** What a route is for, from its path and its handler's name. */
export function kindOf(route: NamedRoute, isManaged: IsManaged): MutationKind {
  const { segments, noise } = segmentsOf(route.path);
  const statics = segments.flatMap((segment) => (segment.kind === 'static' ? [segment.words] : []));
  const last = statics.at(-1) ?? [];
  const whole = last.join('_');
  const handler = wordsOf(route.handlerName?.split('.').at(-1) ?? '');
  const isUnderAuth =
    noise.some((word) => word.startsWith('auth')) || statics.some((words) => isAuthWord(words));
  const endsInParameter = segments.at(-1)?.kind === 'parameter';
  const hasParameter = segments.some((segment) => segment.kind === 'parameter');

  if (isInboundWebhook(statics, route, handler, isUnderAuth, isManaged)) return 'inbound_webhook';
  if (AUTH_ACTION.test(whole) && !(endsInParameter && !isUnderAuth)) return 'auth';
  if (isUnderAuth && route.method !== 'DELETE' && isAuthEnd(last, hasParameter)) return 'auth';
  if (whole === 'refresh' && !hasParameter && statics.length <= 1) return 'auth';
  if (route.method === 'POST' && isReadLike(last, handler)) return 'query';
  if (route.method === 'ALL' && segments.length === 0) return 'query';
  return 'mutation';
}

function isAuthWord(words: readonly string[]): boolean {
  return /^(?:oauth2?|oidc|saml|sso|session|sessions|ldap)$/.test(words.join('_'));
}

function isAuthEnd(last: readonly string[], hasParameter: boolean): boolean {
  const whole = last.join('_');
  if (/^(?:callback|token|tokens|refresh|session|sessions|authorize|revoke|verify_token)$/.test(whole)) {
    return !(hasParameter && /^(?:refresh|revoke)$/.test(whole));
  }
  return whole === '';
}

function isReadLike(last: readonly string[], handler: readonly string[]): boolean {
  const [first, second] = last;
  if (first === undefined) return false;
  if (first === 'verify' && last.slice(1).some((word) => PROOF.has(word))) return true;
  if (last.includes('graphql') || (READ_VERBS.has(first) && !ACTION_VERBS.has(first))) return true;
  if ((first === 'is' || first === 'can' || first === 'has') && second !== undefined) return true;
  if (last.at(-1) === 'search' || last.at(-1) === 'query' || last.at(-1) === 'preview') return true;
  if (ACTION_VERBS.has(first)) return false;
  const [verb] = handler;
  return (
    verb !== undefined &&
    READ_VERBS.has(verb) &&
    !ACTION_VERBS.has(verb) &&
    !['test', 'export'].includes(verb)
  );
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
  const receives =
    handler.includes('webhook') && /^(?:handle|receive|process|on|incoming|inbound)$/.test(handler[0] ?? '');
  if (receives) return true;
  if (mentions && hasProvider) return true;
  const isPlain = !route.path.includes(':') && !ACTION_VERBS.has(statics.at(-1)?.[0] ?? '');
  const isHook = names.some((name) => /^(?:web_?hooks?|hooks)$/.test(name));
  if (isHook && isPlain) return !isManaged(route.path);
  return !isUnderAuth && /^(?:callback|ipn|postback)$/.test(last);
}

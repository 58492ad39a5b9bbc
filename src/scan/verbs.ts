/** Verbs that name a change when they are a path segment or begin a handler's name. */
const ACTION_WORDS = `
  abandon abort accept acknowledge acquire activate add adjust advance allow amend annotate anonymize append apply
  appoint approve archive ask assign attach authorize backfill backup ban begin bind block blacklist bookmark boost
  broadcast build bump burn buy call cancel capture cast change charge checkin checkout claim clean cleanup clear
  clone close collect commit complete complain compress configure confirm connect consume convert copy create credit
  crop deactivate deauthorize debit deactivate decline decommission decrease delegate delete demote deny deploy
  deposit deprecate deprovision destroy detach disable disapprove discard disconnect dismiss dispatch dispute
  donate downgrade draft drain drop duplicate edit elect embed emit empty enable encrypt end enqueue enroll escalate
  evict exchange exclude execute expire extend extract favorite favourite feature file finalize finish fire flag
  flush follow force fork forward freeze fulfill generate give grant handle hibernate hide hold ignore impersonate
  import include increase increment index ingest init initialize initiate insert install invalidate invite invoke
  issue join kick kill launch leave like link load lock logout mark merge migrate modify mount move mute nominate
  notify offboard offer onboard open order pair park patch pause pay pin place pledge poke poll postpone post prepare
  preserve print process promote provision prune publish purchase purge push put queue quit rate react reactivate
  read reassign rebuild receive recharge reconcile record recover recreate redeem redeploy redo refresh refund
  regenerate register reindex reinstate reinvite reissue reject release reload remind remove rename renew reopen reorder
  repair repay replace replay reply report repost reprocess request rerun reschedule resend reserve reset resolve
  resize restart restore resubmit resume resync retire retrigger retry return reveal reverse revert review revoke
  reward roll rollback rollout rotate run save scale schedule scrape seal seed select sell send set settle share ship
  shuffle shutdown sign signup skip sleep snooze sort spam split stage star start stop store submit subscribe suspend
  swap switch sync synchronize tag takeover terminate tip toggle track train transcribe transfer transition trash
  trigger trust turn unarchive unassign unban unbind unblock unbookmark undelete undo undeploy unenroll unfavorite
  unfavourite unfeature unflag unfollow unfreeze unhide uninstall unlike unlink unlock unmark unmount unmute unpair
  unpause unpin unpublish unregister unresolve unset unshare unstar unsubscribe unsuspend untag untrash unwatch unzip
  update upgrade upload upsert upvote downvote vaccinate vacuum verify view void vote waive wake warn watch whitelist wipe
  withdraw write zip
`;

/** Of those, the ones that are things at least as often: alone at the top of an API, or before another noun. */
const NOUN_WORDS = `
  award backup bid block bookmark boost broadcast build call charge checkout claim clone collect commit copy credit
  debit deposit dispatch dispute draft drop embed exchange extract favorite favourite feature file fork
  forward grant import index issue like link load lock mark mount offer order park patch pause place pledge
  poll post print process purchase push queue rate record refund release reload repair replay reply report
  request reserve return review reward roll schedule seal seed share ship sign signup spam split stage star
  store switch tag takeover tip track train transfer trash trigger trust view vote write
`;

/** Verbs that only look something up or work something out. */
const READ_WORDS = `
  aggregate autocomplete autosuggest browse calculate check compare compute count describe detect diff download
  dryrun estimate exists export explain fetch filter find forecast get graphql head info inspect introspect list
  load lookup match paginate parse ping predict preview query quote read redirect render resolve search show simulate
  stat stats status suggest test translate unfurl validate view whoami
`;

/** Of those, the ones that are nouns before another noun: `/stats-token` is a token. */
const READ_NOUN_WORDS =
  'head info match quote read redirect stat stats status test view load query preview export';

const wordSet = (text: string): ReadonlySet<string> =>
  new Set(text.split(/\s+/).filter((word) => word !== ''));

const ACTION_VERBS = wordSet(ACTION_WORDS);
export const READ_VERBS = wordSet(READ_WORDS);
const NOUNS = wordSet(NOUN_WORDS);
const READ_NOUNS = wordSet(READ_NOUN_WORDS);

/** Whether a word names a change: by the list, or built from a verb (`unresolve`, `redeploy`, `templatize`). */
export function isActionVerb(word: string): boolean {
  if (ACTION_VERBS.has(word)) return true;
  const stem = /^(?:un|re|de|dis|pre|over|auto)(?<verb>[a-z]{4,})$/.exec(word)?.groups?.['verb'];
  if (stem !== undefined && ACTION_VERBS.has(stem) && !NOUNS.has(stem)) return true;
  return /[a-z]{3}(?:ize|ify|yze)$/.test(word) && !READ_VERBS.has(word);
}

/** A verb that is no noun: `cancel`, but not `order`. */
export function isPureVerb(word: string): boolean {
  return isActionVerb(word) && !NOUNS.has(word);
}

/** Nouns of those that stand before others: a `build-cluster` and an `order-line` are things. */
const COMPOUND =
  /^(?:award|backup|bid|block|bookmark|build|call|checkout|claim|credit|deposit|draft|feature|file|fork|grant|import|index|issue|link|mount|order|park|poll|post|process|purchase|record|report|request|reward|schedule|seed|share|stage|star|store|tag|track|trust|view|vote)$/;

export function startsCompound(word: string): boolean {
  return COMPOUND.test(word);
}

/** Whether words of a path begin as a question does: `find-users`, but not `stats-token`. */
export function asksFor(words: readonly string[]): boolean {
  const [first] = words;
  if (first === undefined || !READ_VERBS.has(first) || ACTION_VERBS.has(first)) return false;
  return words.length === 1 || !READ_NOUNS.has(first);
}

/** A DELETE of the segment undoes what a POST of it does; for all others it does what the verb says. */
const OPPOSITES: Readonly<Record<string, string>> = {
  activate: 'deactivate',
  allow: 'disallow',
  approve: 'disapprove',
  attach: 'detach',
  connect: 'disconnect',
  enable: 'disable',
  enroll: 'unenroll',
  grant: 'revoke',
  hide: 'unhide',
  hold: 'release',
  install: 'uninstall',
  invite: 'uninvite',
  join: 'leave',
  mount: 'unmount',
  upvote: 'unvote',
  vote: 'unvote',
};
const REVERSIBLE = wordSet(`
  archive assign authorize ban bind block bookmark favorite favourite feature flag follow freeze impersonate like link
  lock mark mute pair park pause pin protect publish register resolve save select share sign snooze star subscribe suspend
  tag track trash trust vote watch
`);

/** They take their time, so that a DELETE of `/merge` calls off the one that runs. */
const OPERATIONS = wordSet(`
  build convert deploy generate import ingest merge migrate rebuild reindex run send submit transcribe transfer
`);

export function isOperation(verb: string): boolean {
  return OPERATIONS.has(verb);
}

/** What a DELETE of a verb segment does; null where the segment is a thing that is deleted. */
export function undoing(verb: string): string | null {
  if (Object.hasOwn(OPPOSITES, verb)) return OPPOSITES[verb] ?? null;
  if (REVERSIBLE.has(verb)) return `un${verb}`;
  return NOUNS.has(verb) || verb === 'upload' || verb === 'upgrade' ? null : verb;
}

/** Verbs that name a change when they are a path segment or begin a handler's name. */
const ACTION_WORDS = `
  abort accept acknowledge activate add adjust advance allow annotate apply appoint approve archive assign attach
  authorize award ban bind block book bookmark boost broadcast build bulk buy call cancel capture change charge
  checkin checkout claim clear clone close complete confirm connect convert copy create credit deactivate debit
  decline decrease delegate delete demote deny deploy deposit detach disable disapprove discard disconnect dismiss
  dispatch dispute downgrade duplicate edit emit enable end enqueue enroll escalate exchange execute expire extend
  favorite favourite feature finalize finish flag follow forward freeze fulfill generate give grant handle hide hold
  import increase increment init initialize initiate insert install invalidate invite invoke issue join kick kill
  launch leave like link load lock logout mark merge migrate modify mount move mute notify nominate offer onboard
  open order pair park patch pause pay pin place pledge postpone post prepare print process promote provision
  publish purchase purge put queue quit rate react reactivate read reassign rebuild receive recharge reconcile
  record recover redeem refresh refund regenerate register reindex reinstate reject release reload remind remove
  rename renew reopen reorder repair repay replace replay reply report repost request reschedule resend reserve
  reset resolve restart restore resubmit resume retire retry return reveal reverse revert review revoke reward
  rollback rollout rotate run save schedule seal seed select sell send set settle share ship shuffle sign signup
  skip snooze split spam stage star start stop store submit subscribe suspend swap switch sync tag takeover
  terminate tip toggle track transfer trash trigger turn unarchive unassign unban unbind unblock unbookmark undelete
  undo unenroll unfavorite unfavourite unfeature unflag unfollow unfreeze unhide uninstall unlike unlink unlock
  unmark unmount unmute unpair unpause unpin unpublish unregister unset unshare unstar unsubscribe unsuspend untag
  untrash unwatch update upgrade upload upsert upvote downvote verify view void vote waive watch withdraw write
`;

const READ_WORDS = `
  aggregate autocomplete autosuggest browse calculate check compare compute count describe detect diff download
  dryrun estimate exists export explain fetch filter find forecast get graphql head info inspect introspect list
  load lookup match paginate parse ping predict preview query quote read redirect render resolve search show simulate
  stat stats status suggest test translate validate view whoami
`;

const wordSet = (text: string): ReadonlySet<string> =>
  new Set(text.split(/\s+/).filter((word) => word !== ''));

export const ACTION_VERBS = wordSet(ACTION_WORDS);
export const READ_VERBS = wordSet(READ_WORDS);

/** A DELETE of the segment undoes what a POST of it does. */
const OPPOSITES: Readonly<Record<string, string>> = {
  activate: 'deactivate',
  add: 'remove',
  attach: 'detach',
  connect: 'disconnect',
  enable: 'disable',
  grant: 'revoke',
  install: 'uninstall',
  invite: 'uninvite',
  join: 'leave',
  hide: 'unhide',
};

export function oppositeOf(verb: string): string {
  return (Object.hasOwn(OPPOSITES, verb) ? OPPOSITES[verb] : undefined) ?? `un${verb}`;
}

/** What the page of failed messages says in English, key by key as in `letter.zh.ts`. */
import type { zh } from './letter.zh.ts';

export const en: Readonly<Record<keyof typeof zh, string>> = {
  dead: 'Failed messages',
  dead_lead:
    'What a provider refused or could not deliver: see why, mend it, then send it again, to the address that the client has now.',
  dead_open: 'Handle failed messages ({n})',
  dead_none: 'No message failed',
  dead_noneHere: 'No failed message of this kind is left',
  dead_kinds: 'Why they failed',
  dead_sure: 'Did not arrive',
  dead_unsure: 'May have arrived',
  dead_unsureHint: 'The provider never told. Sending again may reach a client twice: please ask the provider first.',
  dead_count: '{n}',
  dead_mendedN: '{n} with a new address',
  dead_barredN: '{n} cannot be sent again',
  dead_client: 'Client',
  dead_code: "Provider's code",
  dead_attempts: 'Tries',
  dead_at: 'Failed at',
  dead_mark: 'Note',
  dead_mended: 'new address',
  dead_barred: 'not sent again: {why}',
  dead_doubt: 'may have arrived',
  dead_replayChosen: 'Send chosen again ({n})',
  dead_replayAll: 'Send all again ({n})',
  dead_ask: 'Send {n} messages again?',
  dead_askSure:
    'To the address that each client has now. Who blocked us, left, refused or is not suitable any more gets nothing.',
  dead_askUnsure: 'These may have arrived already; some clients will get them twice. Send them all the same?',
  dead_yes: 'Send again',
  dead_yesUnsure: 'Send all the same',
  dead_queued: '{n} queued again',
  dead_nothing: 'Nothing can be sent again',
  dead_left: '{queued}; not sent again: {left}',
  dead_leftWhy: '{n} {why}',
  dead_cancelled: 'The campaign was cancelled; nothing of it is sent again.',
  dead_toChannels: 'Look at the channels',
  dead_newer: 'Send the approved version {n} instead',
  dead_correct: 'Correct address',
  dead_correctOf: 'Correct the address of {name}',
  dead_newNumber: 'New number',
  dead_newMailbox: 'New mailbox',
  dead_needAddress: 'Give the new number or mailbox',
  dead_why: 'How it is known',
  dead_needWhy: 'Say how it is known, such as “the client called”',
  dead_correctNote:
    'This goes on the record. Proofs of identity given from the old address end; consents stay as they are.',
  dead_corrected: 'The address is corrected; it can be sent again',
  dead_fix: 'What to do: {how}',
  dead_fix_recipient:
    'The number or address does not exist, or is out of use. Numbers and mailboxes are corrected on this page; it is marked “new address” then, and can be sent again.',
  dead_fix_consent: 'The client told the provider to stop. It cannot be sent again; please do not use another channel.',
  dead_fix_content:
    'The provider does not take these words or this template: check the signature, the template’s approval and its variables. Once a colleague has approved a mended version, tick it and send again.',
  'dead_fix_content:unwritten':
    'The client’s record lacks a field that the content names; nothing was sent. Complete the record, then send again.',
  dead_fix_config:
    'The account’s key, signature or address is wrong. An administrator mends and tests it under “Channels”.',
  dead_fix_window:
    'The client has not written for long, and WeChat’s reply window is over. Send again once they write, or use another channel.',
  dead_fix_quota: 'The account’s quota is used up. Top it up or wait until tomorrow, then send again.',
  dead_fix_circuit_open: 'The account failed again and again and rests. Look at “Channels” first.',
  dead_fix_outcome_unknown: 'The provider never answered. Look in its console whether it arrived before sending again.',
  dead_fix_worker_died:
    'The service was interrupted while sending. Look in the provider’s console whether it arrived before sending again.',
  dead_fix_unsaid: 'The provider says that it failed, not why. Send it again once; ask the provider if it fails again.',
  dead_fix_other:
    'The provider could not do it for now, after several tries. Send again; if it fails, look at the account.',
};

import { channels, type ChannelPageData } from '../api/channel.ts';
import { useLoad, type Loaded } from '../shell/useLoad.ts';

const LOOK_EVERY_MS = 10_000;

interface Accounts extends ChannelPageData {
  /** When it was read. */
  readAt: string;
}

export type AccountsHandle = Loaded<Accounts>;

/** All accounts with their health, looked at again every ten seconds while somebody looks at the page. */
export function useAccounts(): AccountsHandle {
  return useLoad(look, LOOK_EVERY_MS);
}

async function look(): Promise<Accounts> {
  return { ...(await channels.list()), readAt: new Date().toISOString() };
}

/** Accounts at providers as the channel page sees and changes them; no answer ever holds a secret. */
import { get, patch, post } from './http.ts';

/** One thing that an account needs; `default` null means that it must be given. */
export interface Detail {
  name: string;
  zh: string;
  en: string;
  secret: boolean;
  default: string | null;
}

export interface Provider {
  channel: string;
  name: string;
  zh: string;
  en: string;
  details: Detail[];
}

export interface Trouble {
  code: string;
  zh: string;
  en: string;
}

export interface Health {
  state: 'ok' | 'failing' | 'idle';
  accepted: number;
  failed: number;
  unknown: number;
  last_accepted_at?: string | null;
  last_failed_at?: string | null;
  error: Trouble | null;
}

export interface Account {
  /** Null where the account comes from the settings. */
  id: string | null;
  origin: 'console' | 'settings';
  channel: string;
  provider: string;
  name: string;
  public: Record<string, string>;
  /** Which secrets are set, by name. */
  secrets: Record<string, boolean>;
  active: boolean;
  rotated_at: string | null;
  webhook: string | null;
  health: Health;
}

export interface ChannelPageData {
  providers: Provider[];
  accounts: Account[];
}

export interface Setup {
  channel: string;
  provider: string;
  name: string;
  public: Record<string, string>;
  secret: Record<string, string>;
}

export interface Tried {
  ok: boolean;
  state: string;
  error: Trouble | null;
}

const PATH = '/v1/channels';

export const channels = {
  list: () => get<ChannelPageData>(PATH),
  add: (setup: Setup) => post<{ id: string }>(PATH, setup),
  change: (id: string, shown: Record<string, string>) => patch(`${PATH}/${id}`, { public: shown }),
  rotate: (id: string, secret: Record<string, string>) => post(`${PATH}/${id}/secrets`, { secret }),
  setActive: (id: string, active: boolean) => post(`${PATH}/${id}/active`, { active }),
  tryOut: ({ channel, name }: Account, address: string) =>
    post<Tried>(`${PATH}/${encodeURIComponent(channel)}/${encodeURIComponent(name)}/test`, { address }),
};

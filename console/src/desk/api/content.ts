/** Contents: what is sent to many, in versions, with words for each channel, language and arm. */
import { get, post, put } from './http.ts';

export interface ContentEntry {
  id: string;
  key: string;
  version: number;
  state: string;
  title: string;
  category: string;
  tags: string[];
  min_risk: string | null;
  author: string | null;
  approver: string | null;
  is_shipped: boolean;
  valid_until: string | null;
  created_at: string;
  approved_at: string | null;
  channels: string[];
  languages: string[];
  deeds: string[];
}

export interface Variant {
  channel: string;
  language: string;
  arm: string;
  subject: string;
  body: string;
  template: string | null;
  fields: Record<string, string>;
}

export interface ContentDraft {
  key: string;
  title: string;
  category: string;
  tags: string[];
  min_risk: string | null;
  product_type: string | null;
  stages: string[];
  valid_until: string | null;
  variants: Variant[];
}

export type ContentInFull = ContentEntry & ContentDraft & { checksum: string };

export interface FieldInfo {
  name: string;
  zh: string;
  en: string;
  is_private: boolean;
  is_personal: boolean;
}

export interface Preview {
  channel: string;
  language: string;
  text: string;
  subject: string | null;
  template: { code: string; values: Record<string, string> } | null;
  missing: { field: string; zh: string; en: string }[];
  links: string[];
  sms?: { alphabet: string; units: number; parts: number };
  spoken?: string;
  lock_screen?: { title: string; body: string };
  /** CNY for one client; null where no price is set. */
  cost: number | null;
}

export interface ContentLists {
  fields: FieldInfo[];
  categories: string[];
  channels: string[];
  languages: string[];
}

export type ContentDeed = 'submit' | 'approve' | 'retire';

const PATH = '/v1/contents';

export const contents = {
  /** The newest version of each. */
  newest: async () => (await get<{ contents: ContentEntry[] }>(PATH)).contents,
  approved: async () => (await get<{ contents: ContentEntry[] }>(`${PATH}?state=approved`)).contents,
  get: (id: string) => get<{ content: ContentInFull; versions: ContentEntry[] }>(`${PATH}/${id}`),
  lists: () => get<ContentLists>(`${PATH}/fields`),
  create: (draft: ContentDraft) => post<{ id: string }>(PATH, draft),
  change: (id: string, draft: ContentDraft) => put<{ ok: boolean }>(`${PATH}/${id}`, draft),
  copy: (id: string) => post<{ id: string }>(`${PATH}/${id}/copy`),
  do: (id: string, deed: ContentDeed) => post<{ ok: boolean }>(`${PATH}/${id}/${deed}`),
  sendBack: (id: string, note: string) => post<{ ok: boolean }>(`${PATH}/${id}/send-back`, { note }),
  preview: (content: ContentDraft, channel: string, language: string, arm: string) =>
    post<Preview>(`${PATH}/preview`, { content, channel, language, arm }),
  previewKept: (contentId: string, channel: string, language: string, arm: string) =>
    post<Preview>(`${PATH}/preview`, { content_id: contentId, channel, language, arm }),
  /** As a campaign says it: its own values, and samples of what each client's record fills. */
  previewCampaign: (contentId: string, channel: string, arm: string, values: Record<string, unknown>) =>
    post<Preview>(`${PATH}/preview`, {
      content_id: contentId,
      channel,
      language: 'zh',
      arm,
      values,
      campaign: true,
    }),
};

/** Dates and durations as people read them, in Chinese or English, in the reader's own time zone. */

export type Language = 'zh' | 'en';

const LOCALE: Record<Language, string> = { zh: 'zh-CN', en: 'en-GB' };

/** "14:05". */
export function clockTime(iso: string, language: Language): string {
  return new Intl.DateTimeFormat(LOCALE[language], { hour: '2-digit', minute: '2-digit', hour12: false }).format(
    new Date(iso),
  );
}

/** The local calendar day, as a key that is equal for two moments of the same day. */
export function dayKey(iso: string): string {
  const at = new Date(iso);
  return `${at.getFullYear()}-${at.getMonth() + 1}-${at.getDate()}`;
}

/** "今天", "昨天", "3月5日 星期四", and the year when it is another one. */
export function dayLabel(iso: string, language: Language, now: Date = new Date()): string {
  const at = new Date(iso);
  const days = Math.round((startOfDay(now) - startOfDay(at)) / 86_400_000);
  if (days === 0) return language === 'zh' ? '今天' : 'Today';
  if (days === 1) return language === 'zh' ? '昨天' : 'Yesterday';
  const options: Intl.DateTimeFormatOptions = { month: 'long', day: 'numeric', weekday: 'long' };
  if (at.getFullYear() !== now.getFullYear()) options.year = 'numeric';
  return new Intl.DateTimeFormat(LOCALE[language], options).format(at);
}

/** "14:05" for today, "昨天 14:05", "11月3日 14:05" otherwise. */
export function shortMoment(iso: string, language: Language, now: Date = new Date()): string {
  const days = Math.round((startOfDay(now) - startOfDay(new Date(iso))) / 86_400_000);
  const time = clockTime(iso, language);
  if (days === 0) return time;
  if (days === 1) return `${language === 'zh' ? '昨天' : 'Yesterday'} ${time}`;
  const day = new Intl.DateTimeFormat(LOCALE[language], { month: 'short', day: 'numeric' }).format(new Date(iso));
  return `${day} ${time}`;
}

/** A length of time in its two largest units at most, a minute at least: "12 分钟", "47 小时 5 分"; days from the third on. */
export function span(milliseconds: number, language: Language): string {
  const minutes = Math.max(1, Math.floor(milliseconds / 60_000));
  const zh = language === 'zh';
  if (minutes < 60) return zh ? `${minutes} 分钟` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 72) {
    const rest = minutes % 60;
    if (rest === 0) return zh ? `${hours} 小时` : `${hours} h`;
    return zh ? `${hours} 小时 ${rest} 分` : `${hours} h ${rest} min`;
  }
  const days = Math.floor(hours / 24);
  const rest = hours % 24;
  if (rest === 0) return zh ? `${days} 天` : `${days} d`;
  return zh ? `${days} 天 ${rest} 小时` : `${days} d ${rest} h`;
}

function startOfDay(at: Date): number {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
}

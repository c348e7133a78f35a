import { theme, type ThemeConfig } from 'antd';

const FONT =
  '-apple-system, BlinkMacSystemFont, "Segoe UI", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans SC", "Noto Sans CJK SC", sans-serif';

/** The look of the desk: calm surfaces, one accent; the variables go to `desk.css` too. */
export function themeOf(dark: boolean, still: boolean): ThemeConfig {
  return {
    algorithm: dark ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      colorPrimary: dark ? '#4c8dff' : '#1d5fd1',
      colorLink: dark ? '#8ab4ff' : '#1d5fd1',
      borderRadius: 8,
      fontFamily: FONT,
      fontSize: 14,
      motion: !still,
    },
    components: {
      Segmented: { itemSelectedColor: dark ? '#e8eaee' : '#1d2129', trackBg: dark ? '#0f1114' : '#eef1f4' },
    },
  };
}

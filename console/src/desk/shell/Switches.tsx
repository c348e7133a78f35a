import { BulbOutlined, DesktopOutlined, MoonOutlined, SunOutlined } from '@ant-design/icons';
import { Button, Dropdown } from 'antd';
import { usePreferences, type ThemeWish } from '../session/preferences.tsx';
import { useWords } from '../words/words.tsx';

export function LanguageSwitch() {
  const { t } = useWords();
  const { language, setLanguage } = usePreferences();
  return (
    <Button
      type="text"
      lang={language === 'zh' ? 'en' : 'zh-CN'}
      onClick={() => setLanguage(language === 'zh' ? 'en' : 'zh')}
    >
      {t('language')}
    </Button>
  );
}

export function ThemeSwitch() {
  const { t } = useWords();
  const { theme, setTheme } = usePreferences();
  const items = [
    { key: 'auto', label: t('theme_auto'), icon: <DesktopOutlined /> },
    { key: 'light', label: t('theme_light'), icon: <SunOutlined /> },
    { key: 'dark', label: t('theme_dark'), icon: <MoonOutlined /> },
  ];
  return (
    <Dropdown
      trigger={['click']}
      menu={{ items, selectable: true, selectedKeys: [theme], onClick: ({ key }) => setTheme(key as ThemeWish) }}
    >
      <Button type="text" icon={<BulbOutlined />} aria-label={t('theme')} title={t('theme')} />
    </Dropdown>
  );
}

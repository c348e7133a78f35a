/**
 * The chat widget: `<script src="…/chat/widget.js" data-token="JWT" data-language="zh"></script>`.
 *
 * Lives in a shadow root, so the page's styles and the widget's never touch. Without `data-token` the client is
 * an anonymous visitor. `window.ZhidaChat` opens, closes and re-tokens it; a refused host token fires the event
 * `zhida:signed-out` on `window`.
 */
import { render } from 'preact';
import type { Language } from '../shared/moment.ts';
import './handle.ts';
import { Memory } from './memory.ts';
import { ChatSession } from './session.ts';
import { readSettings, readTheme } from './settings.ts';
import style from './style.css?inline';
import { App, type Controls } from './view/App.tsx';

function dress(root: ShadowRoot): void {
  // A constructed sheet needs no style-src 'unsafe-inline' from the page that embeds us.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];
}

function start(script: HTMLScriptElement | null): void {
  const memory = new Memory();
  const settings = readSettings(script, memory.language());
  const host = document.createElement('div');
  host.id = 'zhida-chat';
  host.dataset['theme'] = settings.theme;
  host.dataset['side'] = settings.side;
  if (settings.accent) host.style.setProperty('--accent', settings.accent);
  const root = host.attachShadow({ mode: 'open' });
  dress(root);
  document.body.append(host);

  const signedOut = (): boolean => window.dispatchEvent(new CustomEvent('zhida:signed-out'));
  const session = new ChatSession(settings.base, settings.token, settings.language, memory, signedOut);
  let controls: Controls | null = null;
  const onLanguage = (language: Language): void => {
    memory.keepLanguage(language);
    session.useLanguage(language);
  };
  render(
    <App
      session={session}
      language={settings.language}
      open={settings.open}
      onLanguage={onLanguage}
      onControls={(given) => {
        controls = given;
      }}
    />,
    root,
  );
  // Somebody who has chatted before sees at once that an answer is waiting; others are not connected until they ask.
  if (settings.token || memory.visitorToken()) session.start();

  window.ZhidaChat = {
    open: () => controls?.setOpen(true),
    close: () => controls?.setOpen(false),
    setToken: (token) => session.useToken(token),
    setLanguage: (language) => controls?.setLanguage(language),
    setTheme: (theme) => {
      host.dataset['theme'] = readTheme(theme);
    },
    destroy: () => {
      session.stop();
      render(null, root);
      host.remove();
      delete window.ZhidaChat;
    },
  };
}

const script = document.currentScript as HTMLScriptElement | null;
window.ZhidaChat?.destroy();
if (document.body) start(script);
else document.addEventListener('DOMContentLoaded', () => start(script));

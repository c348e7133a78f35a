/** The demo page: puts the widget in as a broker's site would, and again whenever a switch is moved. */
import '../widget/handle.ts';

interface DemoClient {
  client_no: string;
  name: string;
  story?: string | null;
}

const form = document.getElementById('switches') as HTMLFormElement;
const hint = document.getElementById('hint')!;
const identity = document.getElementById('identity')!;
const choice = (name: string): HTMLSelectElement => form.elements.namedItem(name) as HTMLSelectElement;
const wish = new URLSearchParams(location.search);
// Inside a frame the page plays an app: the chat is what one came for.
const open = wish.get('open') === '1' || window.self !== window.top;

async function ask<Body>(path: string, options?: RequestInit): Promise<Body> {
  const response = await fetch(path, options);
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json() as Promise<Body>;
}

function embed(token: string | null): void {
  window.ZhidaChat?.destroy();
  const script = document.createElement('script');
  script.src = '/chat/widget.js';
  script.dataset['language'] = choice('language').value;
  script.dataset['theme'] = choice('theme').value;
  script.dataset['open'] = String(open);
  if (token) script.dataset['token'] = token;
  document.body.append(script);
}

/** Take a demo client's token, as the broker's app would; without one the page is a visitor's. */
async function be(clientNo: string): Promise<void> {
  hint.textContent = '';
  if (!clientNo) return embed(null);
  const body = JSON.stringify({ client_no: clientNo });
  try {
    const { token } = await ask<{ token: string }>('/chat/demo/token', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
    });
    embed(token);
  } catch {
    hint.textContent =
      '暂时取不到该客户的登录凭证，已改为匿名访客。 · No token for this client just now; you are a visitor.';
    choice('client').value = '';
    embed(null);
  }
}

/** Offer the demo's clients where the service has some; a real installation has none, and no switch. */
async function offerClients(): Promise<void> {
  const { clients } = await ask<{ clients: DemoClient[] }>('/chat/demo/clients').catch(() => ({ clients: [] }));
  for (const client of clients)
    choice('client').append(
      new Option([client.name, client.client_no, client.story].filter(Boolean).join(' · '), client.client_no),
    );
  identity.hidden = clients.length === 0;
}

function select(name: string): void {
  const wanted = wish.get(name);
  const field = choice(name);
  if (wanted && [...field.options].some((option) => option.value === wanted)) field.value = wanted;
}

/** Put the page itself into the chosen language: the English stands beside the Chinese in `data-en`. */
function speak(): void {
  const english = choice('language').value === 'en';
  document.documentElement.lang = english ? 'en' : 'zh-CN';
  for (const element of document.querySelectorAll<HTMLElement>('[data-en]')) {
    element.dataset['zh'] ??= element.textContent;
    element.textContent = (english ? element.dataset['en'] : element.dataset['zh']) ?? '';
  }
}

function dressPage(): void {
  document.documentElement.dataset['theme'] = choice('theme').value;
}

async function start(): Promise<void> {
  select('language');
  select('theme');
  dressPage();
  speak();
  await offerClients();
  select('client');
  await be(choice('client').value);
  choice('client').addEventListener('change', () => void be(choice('client').value));
  choice('language').addEventListener('change', () => {
    speak();
    window.ZhidaChat?.setLanguage(choice('language').value === 'en' ? 'en' : 'zh');
  });
  choice('theme').addEventListener('change', () => {
    dressPage();
    window.ZhidaChat?.setTheme(choice('theme').value as 'auto');
  });
}

void start();

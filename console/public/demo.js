// The demo page: puts the widget in as a broker's site would, again whenever a switch is moved.
const switches = document.getElementById('switches');
const hint = document.getElementById('hint');
const wish = new URLSearchParams(location.search);

async function ask(path, options) {
  const response = await fetch(path, options);
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json();
}

function embed(token) {
  window.ZhidaChat?.destroy();
  const script = document.createElement('script');
  script.src = '/chat/widget.js';
  script.dataset.language = switches.language.value;
  script.dataset.theme = switches.theme.value;
  script.dataset.open = wish.get('open') === '1' ? 'true' : 'false';
  if (token) script.dataset.token = token;
  document.body.append(script);
}

async function useClient(clientNo) {
  hint.textContent = '';
  if (!clientNo) return embed(null);
  try {
    const { token } = await ask('/chat/demo/token', {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ client_no: clientNo }),
    });
    return embed(token);
  } catch {
    hint.textContent = '暂时取不到该客户的登录凭证，已改为匿名访客。 · No token for this client just now; you are a visitor.';
    switches.client.value = '';
    return embed(null);
  }
}

function dressPage() {
  document.documentElement.dataset.theme = switches.theme.value;
}

async function listClients() {
  try {
    const { clients } = await ask('/chat/demo/clients');
    for (const client of clients) switches.client.append(new Option(`${client.name}（${client.client_no}）`, client.client_no));
  } catch {
    hint.textContent = '演示客户名单暂不可用，仍可作为访客提问。 · Demo clients are not available; a visitor can ask all the same.';
  }
}

switches.language.value = wish.get('language') === 'en' ? 'en' : 'zh';
switches.theme.value = ['light', 'dark'].includes(wish.get('theme')) ? wish.get('theme') : 'auto';
dressPage();
await listClients();
switches.client.value = [...switches.client.options].some((option) => option.value === wish.get('client')) ? wish.get('client') : '';
await useClient(switches.client.value);

switches.client.addEventListener('change', () => void useClient(switches.client.value));
switches.language.addEventListener('change', () => window.ZhidaChat?.setLanguage(switches.language.value));
switches.theme.addEventListener('change', () => {
  dressPage();
  window.ZhidaChat?.setTheme(switches.theme.value);
});

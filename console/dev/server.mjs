// `npm run dev`: the built front end over the fake house, on a free loopback port or the one in PORT.
import http from 'node:http';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { WebSocketServer } from 'ws';
import { Chat } from './chat.mjs';
import { Desk } from './desk.mjs';
import { House } from './house.mjs';
import { fail, readJson, reply, sendFile } from './http.mjs';
import { seed } from './seed.mjs';

const DIST = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'dist');

/** Start the fake house; returns its address, its memory, and how to stop it. */
export async function startFake({ port = 0, thinkMs = 700, seeded = true } = {}) {
  const house = new House();
  if (seeded) seed(house);
  const chat = new Chat(house, { thinkMs });
  const desk = new Desk(house);
  const server = http.createServer((request, response) => {
    const url = new URL(request.url, 'http://fake');
    route({ house, chat, desk }, request, response, url).catch((error) => {
      console.error(error);
      if (!response.headersSent) fail(response, 500, 'bug', String(error), String(error));
    });
  });
  const chatSockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'chat.v1' });
  const deskSockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    const onChat = request.url.startsWith('/chat/ws');
    if (onChat && (house.faults.socket === 'blocked' || house.faults.chat === 'down')) return void socket.destroy();
    const sockets = onChat ? chatSockets : deskSockets;
    const open = () =>
      sockets.handleUpgrade(request, socket, head, (opened) => (onChat ? chat : desk).accept(opened, request));
    setTimeout(open, onChat ? 0 : house.faults.deskLineMs);
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  const drop = () => [...chatSockets.clients, ...deskSockets.clients].forEach((socket) => socket.terminate());
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    house,
    desk,
    drop,
    stop: () =>
      new Promise((resolve) => {
        drop();
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

async function route({ house, chat, desk }, request, response, url) {
  const { pathname } = url;
  if (pathname === '/dev/fault') return reply(response, 200, Object.assign(house.faults, await readJson(request)));
  if (pathname === '/dev/ledger') return reply(response, 200, house.ledger);
  if (pathname.startsWith('/v1/')) return desk.handle(request, response, url);
  const asset = pathname.startsWith('/chat/assets/') ? pathname.slice('/chat/'.length) : undefined;
  const file = asset ?? { '/chat/demo': 'demo.html', '/chat/widget.js': 'widget.js' }[pathname];
  if (file && (await sendFile(response, DIST, file))) return undefined;
  if (pathname.startsWith('/chat/')) return chat.handle(request, response, url);
  if (pathname.startsWith('/desk/') && (await sendFile(response, DIST, pathname))) return undefined;
  if (pathname.startsWith('/desk') && (await sendFile(response, DIST, 'desk/index.html'))) return undefined;
  return fail(response, 404, 'not_found', '没有这个地址', 'No such address');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await startFake({ port: Number(process.env.PORT ?? 0) });
  console.log(
    `假的后台（仅供前端开发） · fake house for front-end work only\n  ${url}/chat/demo\n  ${url}/desk/   agent / agent-demo, supervisor / supervisor-demo`,
  );
}

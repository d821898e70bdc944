// As much of a contact center as a Bayeux server needs around it: a login and a list of calls.
// Told what to do by lines of JSON on standard input; prints its port, then a line per order.
'use strict';

const http = require('http');
const readline = require('readline');

exports.run = function ({ mount, attach, publish, expire, listeners }) {
  const calls = new Map();
  const sockets = new Set();
  const seen = [];
  const held = new Set(); // polls without an answer yet

  const answer = (response, body) => {
    response.setHeader('Content-Type', 'application/json');
    response.setHeader('Set-Cookie', 'JSESSIONID=one; Path=/; HttpOnly');
    response.setHeader('X-CSRF-HEADER', 'X-CSRF-TOKEN');
    response.setHeader('X-CSRF-TOKEN', 'token-1');
    response.end(JSON.stringify({ statusCode: 0, ...body }));
  };

  const hold = (request, response) => {
    if (request.url !== '/api/v2/notifications') return;
    seen.push(request.headers['x-csrf-token'] || '');
    held.add(response);
    response.on('close', () => held.delete(response));
  };

  const server = http.createServer((request, response) => {
    const path = request.url.split('?')[0];
    if (path === '/api/v2/me') return answer(response, { user: { userName: 'ana' } });
    if (path === '/api/v2/me/calls') return answer(response, { calls: [...calls.values()] });
    if (path === '/api/v2/me/devices') return answer(response, { devices: [] });
    if (mount && path === '/api/v2/notifications') return mount(request, response);
    response.statusCode = 404;
    return response.end();
  });
  server.keepAliveTimeout = 60000;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  if (attach) attach(server);
  server.prependListener('request', hold);

  const tell = (call) => {
    if (call.state === 'Released') calls.delete(call.id);
    else calls.set(call.id, call);
    return {
      messageType: 'CallStateChangeMessage',
      notificationType: 'StatusChange',
      phoneNumber: '1001',
      call,
    };
  };

  // Cut every connection, a held poll among them.
  const drop = async () => {
    while (![...held].some((response) => !response.writableEnded)) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    sockets.forEach((socket) => socket.destroy());
  };

  const orders = {
    publish: async ({ calls: told, lost }) => {
      if (lost) await drop();
      for (const call of told) publish('/v2/me/calls', tell(call));
    },
    change: ({ calls: told }) => told.forEach(tell), // nobody is told
    drop,
    expire: () => expire(),
    listeners: () => listeners(),
    seen: () => seen, // the CSRF tokens that came with Bayeux messages
  };
  readline.createInterface({ input: process.stdin }).on('line', async (line) => {
    const order = JSON.parse(line);
    const told = await orders[order.do](order);
    process.stdout.write(`${JSON.stringify({ done: order.do, told })}\n`);
  });
  process.stdin.on('end', () => process.exit(0));

  const port = Number(process.argv[2] || 0);
  server.listen(port, '127.0.0.1', () => {
    process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`);
  });
};

// As much of a contact center as a Bayeux server needs around it: a login and a list of calls.
// Told what to do by lines of JSON on standard input; prints its port, then a line per order.
'use strict';

const http = require('http');
const readline = require('readline');

exports.run = function ({ mount, attach, publish, expire }) {
  const calls = new Map();
  const sockets = new Set();
  const seen = [];

  const answer = (response, body) => {
    response.setHeader('Content-Type', 'application/json');
    response.setHeader('Set-Cookie', 'JSESSIONID=one; Path=/; HttpOnly');
    response.setHeader('X-CSRF-HEADER', 'X-CSRF-TOKEN');
    response.setHeader('X-CSRF-TOKEN', 'token-1');
    response.end(JSON.stringify({ statusCode: 0, ...body }));
  };

  const server = http.createServer((request, response) => {
    const path = request.url.split('?')[0];
    if (path === '/api/v2/me') return answer(response, { user: { userName: 'ana' } });
    if (path === '/api/v2/me/calls') return answer(response, { calls: [...calls.values()] });
    if (path === '/api/v2/me/devices') return answer(response, { devices: [] });
    if (mount && path === '/api/v2/notifications') {
      seen.push(request.headers['x-csrf-token'] || '');
      return mount(request, response);
    }
    response.statusCode = 404;
    return response.end();
  });
  server.keepAliveTimeout = 60000;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  if (attach) attach(server);

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

  const orders = {
    publish: ({ calls: told, lost }) => {
      // A message written into a connection that is dead is lost, and nobody is told.
      if (lost) for (const socket of sockets) socket.destroy();
      for (const call of told) publish('/v2/me/calls', tell(call));
    },
    change: ({ calls: told }) => told.forEach(tell), // nobody is told
    drop: () => sockets.forEach((socket) => socket.destroy()),
    expire: () => expire(),
    seen: () => seen,
  };
  readline.createInterface({ input: process.stdin }).on('line', (line) => {
    const order = JSON.parse(line);
    const told = orders[order.do](order);
    process.stdout.write(`${JSON.stringify({ done: order.do, told })}\n`);
  });
  process.stdin.on('end', () => process.exit(0));

  const port = Number(process.argv[2] || 0);
  server.listen(port, '127.0.0.1', () => {
    process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`);
  });
};

// Faye, as a second opinion: another order of messages, no cookie, other words for an error.
'use strict';

const faye = require('faye');
const { run } = require('./contact-center.js');

const hold = Number(process.argv[3] || 2000);
const bayeux = new faye.NodeAdapter({ mount: '/api/v2/notifications', timeout: hold / 1000 });
const clients = new Set();
bayeux.on('handshake', (id) => clients.add(id));
bayeux.on('disconnect', (id) => clients.delete(id));

// Its own client says hello with the first message, which the next ones may overtake.
bayeux.getClient().publish('/warm-up', {}).then(() => run({
  attach: (server) => bayeux.attach(server),
  publish: (channel, data) => bayeux.getClient().publish(channel, data),
  listeners: () => clients.size - 1, // one is that client
  expire: () => [...clients].slice(1).forEach((id) => bayeux._server._engine.destroyClient(id)),
}));

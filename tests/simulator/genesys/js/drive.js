// Drives a Bayeux server with the official client. Orders come as lines of JSON on stdin,
// ["handshake"], ["subscribe", channel], …; what happens goes out as lines of JSON.
// Arguments: url, Authorization header, and options of cometd.configure as JSON.
import {createInterface} from "node:readline";
import {AckExtension} from "cometd/AckExtension.js";
import {CometD} from "cometd";
import {adapt} from "cometd-nodejs-client";

adapt();
const [url, authorization, options] = process.argv.slice(2);
const tell = (what, message) => process.stdout.write(JSON.stringify([what, message]) + "\n");
const cometd = new CometD();
cometd.unregisterTransport("websocket");
cometd.unregisterTransport("callback-polling");
cometd.configure({url, requestHeaders: {Authorization: authorization}, ...JSON.parse(options)});
if (JSON.parse(options).ack) {
    cometd.registerExtension("ack", new AckExtension());
}
for (const meta of ["handshake", "connect", "subscribe", "unsubscribe", "disconnect"]) {
    cometd.addListener(`/meta/${meta}`, message => tell(meta, message));
}
// A new session knows nothing of the old one's subscriptions.
cometd.addListener("/meta/handshake", message => {
    if (message.reestablish) {
        cometd.batch(() => Object.keys(subscriptions).forEach(orders.subscribe));
    }
});
const event = message => tell("event", message);
const subscriptions = {};
const orders = {
    handshake: () => cometd.handshake(),
    subscribe: channel => { subscriptions[channel] = cometd.subscribe(channel, event); },
    unsubscribe: channel => cometd.unsubscribe(subscriptions[channel]),
    batch: (...channels) => cometd.batch(() => channels.forEach(orders.subscribe)),
    disconnect: () => cometd.disconnect(() => setTimeout(() => process.exit(0), 20)),
};
createInterface({input: process.stdin})
    .on("line", line => { const [order, ...more] = JSON.parse(line); orders[order](...more); })
    .on("close", () => process.exit(0));

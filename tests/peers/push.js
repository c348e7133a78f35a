// The push service and the browser of npm web-push-testing: a line says when it listens on PORT.
const PushApiModel = require("web-push-testing/src/PushApiModel");
const WebPushTestingServer = require("web-push-testing/src/server");

const port = Number(process.env.PORT);
const log = console.log;
console.log = () => {};
const server = new WebPushTestingServer(new (PushApiModel.PushApiModel || PushApiModel)(), port);
server.startServer();
server._server.on("listening", () => log(JSON.stringify({ port })));

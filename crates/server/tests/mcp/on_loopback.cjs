// The official server listens on every address of the machine, at a port that it must be told. Loaded
// before it, this makes it listen on loopback, and says at which port.
const { Server } = require("node:net");
const { listen } = Server.prototype;
Server.prototype.listen = function (port, ...rest) {
  const told = rest.find((each) => typeof each === "function");
  this.once("listening", () => console.log(`PORT ${this.address().port}`));
  return listen.call(this, Number(port), "127.0.0.1", told);
};

// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The service on the bus: its properties as they are now, and its methods. Properties are read anew
// whenever something is said to have changed: what a proxy remembers grows old when the service ends.
import { plain } from "./variant.js";

const cockpit = window.cockpit;
const NAME = "org.truenas.SSH";
const PATH = "/org/truenas/SSH";
const TAKE_TURNS = ["Apply", "Revert", "Start", "Stop", "Restart", "SetStartOnBoot"];
// What methods take. Cockpit would ask the service for that, which may have ended that very moment.
const TYPES = { Apply: "a{sv}a{sv}", Revert: "ta{sv}", Confirm: "s", Rollback: "s",
                SetStartOnBoot: "b", ListGroups: "su" };
const CALL_MS = 90000;
const READ_MS = 20000;
const AGAIN_MS = 5000; // it has answered before: Cockpit itself gives up after 10 to 20 seconds

// A promise of its own end: over a cut connection calls neither succeed nor fail.
function limited(call, ms) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(Object.assign(new Error("no answer"), { problem: "timeout" })), ms);
    call.then(value => { clearTimeout(timer); resolve(value) },
              error => { clearTimeout(timer); reject(error) });
  });
}

export class Service {
  constructor(changed) {
    this.changed = changed;
    this.state = { status: "loading", properties: null, admin: false, reachable: true };
    this.internal = cockpit.dbus(null, { bus: "internal" });
    this.superuser = this.internal.proxy("cockpit.Superuser", "/superuser");
    this.superuser.addEventListener("changed", () => this.access());
    this.superuser.wait(() => this.access());
  }

  update(part) {
    this.state = { ...this.state, ...part };
    this.changed(this.state);
  }

  // A client that was opened before access was given or taken keeps what it had.
  access() {
    const admin = !["", "none", "init", undefined].includes(this.superuser.Current);
    if (this.client && admin === this.state.admin)
      return;
    this.update({ admin });
    this.open();
  }

  open() {
    const old = this.client;
    const client = cockpit.dbus(NAME, { bus: "system", ...(this.state.admin && { superuser: "try" }) });
    this.client = client;
    old?.close();
    client.addEventListener("close", (_event, options) => {
      if (this.client !== client)
        return;
      this.client = null;
      if (options.problem === "not-found")
        this.update({ status: "missing" });
      else if (options.problem === "terminated" || options.problem === "access-denied")
        setTimeout(() => this.client || this.open(), 500);
      else
        this.update({ status: "failed", error: options });
    });
    client.addEventListener("owner", () => this.client === client && this.refresh());
    client.subscribe({ path: PATH, interface: "org.freedesktop.DBus.Properties",
                       member: "PropertiesChanged" }, () => this.refresh());
    this.refresh();
  }

  // One reading at a time; what happens meanwhile asks for another.
  async refresh() {
    if (this.reading) {
      this.again = true;
      return;
    }
    this.reading = true;
    const client = this.client;
    try {
      const [all] = await limited(
        client.call(PATH, "org.freedesktop.DBus.Properties", "GetAll", [NAME], { type: "s" }),
        this.state.properties ? AGAIN_MS : READ_MS);
      if (client === this.client)
        this.update({ status: "ready", properties: plain(all), reachable: true });
    } catch (error) {
      if (client === this.client)
        this.unread(error);
    } finally {
      this.reading = false;
      if (this.again) {
        this.again = false;
        this.refresh();
      }
    }
  }

  unread(error) {
    const missing = ["org.freedesktop.DBus.Error.ServiceUnknown",
                     "org.freedesktop.DBus.Error.NameHasNoOwner"].includes(error.name);
    if (missing || error.problem === "not-found")
      this.update({ status: "missing" });
    else if (error.problem === "timeout" && this.state.properties)
      this.update({ reachable: false });
    else
      this.update({ status: "failed", error });
  }

  // Calls that can be refused as Busy wait for each other, so that none is so because of this page.
  call(method, args = []) {
    const send = async () => {
      const reply = await limited(
        this.client.call(PATH, NAME, method, args, { type: TYPES[method] || "" }), CALL_MS);
      return reply.map(plain);
    };
    if (!TAKE_TURNS.includes(method))
      return send();
    const turn = (this.turn || Promise.resolve()).then(send);
    this.turn = turn.catch(() => undefined);
    return turn;
  }

  // How far the machine's clock is ahead of the browser's, in milliseconds.
  static async clock() {
    const text = await limited(cockpit.spawn(["date", "+%s%3N"]), READ_MS);
    return Number(text) - Date.now();
  }

  // Who could lose something: the person, root, and those who administer the machine.
  static async people() {
    const me = (await cockpit.user()).name;
    let lines = "";
    try {
      lines = await limited(
        cockpit.spawn(["sh", "-c", "getent group sudo wheel admin || true"]), READ_MS);
    } catch {
      lines = "";
    }
    const members = lines.split("\n").flatMap(line => (line.split(":")[3] || "").split(","));
    return [...new Set([me, "root", ...members])].filter(Boolean).slice(0, 64);
  }
}

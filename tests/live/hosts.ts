/**
 * What tests do to the virtual hosts of a lab.
 *
 * @module
 */

import { runProgram } from "../../lib/lab/command.ts";
import {
  forInterfaces,
  FORWARDING,
  UNLIMITED_ERRORS,
} from "../../lib/lab/topology/host_setup.ts";
import { Lab } from "../../lib/lab/lab.ts";
import { delay } from "../../lib/socket/time.ts";
import { TOPOLOGIES } from "../../lib/lab/topology/catalogue.ts";
import type { Topology } from "../../lib/lab/topology/topology.ts";
import {
  AsyncSocket,
  ICMPRequest,
  type ICMPSocket,
  ICMPv4Socket,
  ICMPv6Socket,
  RawSocket,
  TimeoutExceeded,
} from "../../mod.ts";
import { eventually } from "./pair/pair_process.ts";

/** Runs a program inside a host; tells what it printed. */
export async function inHost(
  lab: Lab,
  host: string,
  ...command: readonly string[]
): Promise<string> {
  const [program, ...args] = lab.inside(host, command);
  return await runProgram(program, args);
}

/** Sets kernel parameters inside a host, and nowhere else. */
export async function setKernel(
  lab: Lab,
  host: string,
  parameters: Readonly<Record<string, string | number>>,
): Promise<void> {
  const pairs = Object.entries(parameters).map(([key, value]) =>
    `${key}=${value}`
  );
  await inHost(lab, host, "sysctl", "-qw", ...pairs);
}

/** The pair, when its hosts have found each other. */
export function pairUp(): Promise<Lab> {
  return up(TOPOLOGIES.pair, async (lab) => {
    await meet(lab, ["1.1.1.1", "2001:db8::1"]);
  });
}

async function up(
  topology: Topology,
  prepare: (lab: Lab) => Promise<void>,
): Promise<Lab> {
  const lab = await Lab.up(topology);
  try {
    for (const { ends } of topology.links) {
      for (const { host, port: { device } } of ends) {
        // Asked for again at once, where the first question came too early.
        await setKernel(lab, host, {
          [`net.ipv4.neigh.${device}.retrans_time_ms`]: 50,
          [`net.ipv6.neigh.${device}.retrans_time_ms`]: 50,
        });
      }
    }
    await prepare(lab);
    return lab;
  } catch (error) {
    await lab.down();
    throw error;
  }
}

/**
 * Waits until the first host of a lab reaches addresses: the kernel joins the
 * groups that Neighbor Discovery asks in somewhat later than it says so.
 */
async function meet(lab: Lab, addresses: readonly string[]): Promise<void> {
  const namespace = lab.namespace(lab.hosts[0]);
  for (const address of addresses) {
    const Socket = address.includes(":") ? ICMPv6Socket : ICMPv4Socket;
    using socket = new AsyncSocket<ICMPSocket>(new Socket({ namespace }));
    for (let sequence = 0, isThere = false; !isThere; sequence++) {
      const request = new ICMPRequest(address, { id: 1, sequence });
      socket.send(request);
      try {
        const reply = await socket.receive(request, { timeoutMs: 100 });
        isThere = reply.isEchoReply;
      } catch (error) {
        if (!(error instanceof TimeoutExceeded) || sequence > 100) throw error;
      }
    }
  }
}

/** Gives the pair link-local addresses that can be used at once. */
export async function addLinkLocals(lab: Lab): Promise<void> {
  const hosts = [["sender", "fe80::100/64"], ["receiver", "fe80::1/64"]];
  for (const [host, address] of hosts) {
    const add = ["ip", "address", "add", address, "dev", "eth0", "nodad"];
    await inHost(lab, host, ...add);
  }
  await meet(lab, ["fe80::1%eth0"]);
}

/**
 * A client, a router, and a server behind it; IPv4 and IPv6. The router refuses
 * two networks: it says that 1.1.3.0/24 and 2001:db8:3::/64 are unreachable,
 * 1.1.4.0/24 and 2001:db8:4::/64 prohibited. Of those errors an IPv4 host is
 * sent five, and one more each second (net.ipv4.route.error_burst, which no
 * namespace can change).
 */
const ROUTED: Topology = {
  name: "routed",
  description: "a client 1.1.1.100, a router 1.1.1.1, a server 1.1.2.2",
  hosts: ["client", "router", "server"],
  links: [{
    ends: [
      {
        host: "client",
        port: {
          device: "eth0",
          addresses: ["1.1.1.100/24", "2001:db8:1::100/64"],
        },
      },
      {
        host: "router",
        port: { device: "eth0", addresses: ["1.1.1.1/24", "2001:db8:1::1/64"] },
      },
    ],
  }, {
    ends: [
      {
        host: "router",
        port: { device: "eth1", addresses: ["1.1.2.1/24", "2001:db8:2::1/64"] },
      },
      {
        host: "server",
        port: { device: "eth0", addresses: ["1.1.2.2/24", "2001:db8:2::2/64"] },
      },
    ],
  }],
  setup: {
    client: {
      ip: [
        "route add default via 1.1.1.1",
        "route add default via 2001:db8:1::1",
      ],
    },
    router: {
      sysctl: {
        ...FORWARDING,
        ...UNLIMITED_ERRORS,
        ...forInterfaces(["eth0", "eth1"]),
      },
      ip: [
        "route add unreachable 1.1.3.0/24",
        "route add unreachable 2001:db8:3::/64",
        "route add prohibit 1.1.4.0/24",
        "route add prohibit 2001:db8:4::/64",
      ],
    },
    server: {
      ip: [
        "route add default via 1.1.2.1",
        "route add default via 2001:db8:2::1",
      ],
    },
  },
};

/** The three, when they have found each other, and the router works. */
export function routedUp(): Promise<Lab> {
  return up(ROUTED, async (lab) => {
    await meet(lab, ["1.1.1.1", "2001:db8:1::1", "1.1.2.2", "2001:db8:2::2"]);
  });
}

/** Group ids that may open ping sockets: root's, which every namespace knows. */
export const ROOTS_GROUP = "0 0";

/**
 * Waits until the kernel notes when a packet comes, which it does a little after
 * the first socket asks for it: before, what is read later seems to come later.
 */
export async function stampsAreOn(namespace: string): Promise<void> {
  const options = { protocol: 253, namespace, device: "lo" } as const;
  using early = RawSocket.open(options);
  using late = RawSocket.open(options);
  await eventually("the kernel notes times", async () => {
    early.send(Uint8Array.of(), "127.0.0.1");
    const { timestampNs } = await early.receive({ timeoutMs: 30_000 });
    await delay(1);
    return late.receiveSync({ timeoutMs: 30_000 }).timestampNs === timestampNs;
  });
}

/**
 * Building a lab, with iproute2: hosts first, then cables, then what each host
 * is told. All hosts are dealt with at once.
 *
 * @module
 */

import { delay } from "../socket/time.ts";
import { LAB_MARK } from "../socket/kernel/lab_hosts.ts";
import { disableChecksumOffload } from "../socket/kernel/offload.ts";
import { LabError, runProgram, SYSTEM_PATH, tryProgram } from "./command.ts";
import { inNamespace, removeNamespaces, runBatch } from "./namespaces.ts";
import { type Sysctl, sysctlOf } from "./topology/host_setup.ts";
import type { Link, Topology } from "./topology/topology.ts";

/** Two seconds, in which the laziest kernel has told its links. */
const SETTLE_TRIES = 200;
const SETTLE_RETRY_MS = 10;

/** Tells the network namespace of a host. */
type Naming = (host: string) => string;

/**
 * Builds a lab.
 *
 * @throws {LabError} if it cannot be built; what was built is removed again
 */
export async function build(
  topology: Topology,
  namespace: Naming,
): Promise<void> {
  const { hosts, links, setup = {} } = topology;
  const nft = hosts.some((host) => setup[host]?.nft?.length)
    ? await findNFT()
    : undefined;
  // Not more than these, or of two at once each would remove the other's.
  const added: string[] = [];
  try {
    await all(hosts, async (host) => {
      await runProgram("ip", ["netns", "add", namespace(host)]);
      added.push(namespace(host));
    });
    // In a host, which has none of the numbers that its cables get: some kernels
    // want these to be free where the command is given, too, and there a network
    // card has one of the first. Linux 6.1 does.
    await runBatch(cableLines(links, namespace), namespace(hosts[0]));
    await all(hosts, async (host) => {
      const ports = portsOf(host, links);
      for (const { device } of ports) {
        disableChecksumOffload(device, namespace(host));
      }
      await setSysctl(namespace(host), sysctlOf(setup[host]));
      await runBatch(
        [
          "link set lo up",
          ...ports.flatMap(portLines),
          ...setup[host]?.ip ?? [],
        ],
        namespace(host),
      );
      await mark(namespace(host));
      if (nft !== undefined) {
        await addRules(namespace(host), nft, setup[host]?.nft ?? []);
      }
    });
    await settle(hosts.map(namespace));
  } catch (error) {
    await removeNamespaces(added);
    throw error;
  }
}

/** Does the same for each at once; fails when all are done and one failed. */
async function all<T>(
  items: readonly T[],
  action: (item: T) => Promise<void>,
): Promise<void> {
  const results = await Promise.allSettled(items.map(action));
  const failed = results.find(({ status }) => status === "rejected");
  if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
}

function cableLines(links: readonly Link[], namespace: Naming): string[] {
  // Two ends with the same index would be up only after a second, since the
  // kernel then takes the news of their carrier for less than urgent.
  let index = 2;
  const end = ({ host, port }: Link["ends"][0]) =>
    `${port.device} index ${index++} netns ${namespace(host)}`;
  return links.map(({ ends: [a, b] }) =>
    `link add ${end(a)} type veth peer name ${end(b)}`
  );
}

interface WiredPort {
  readonly device: string;
  readonly addresses: readonly string[];
  readonly mtu?: number;
}

function portsOf(host: string, links: readonly Link[]): WiredPort[] {
  return links.flatMap(({ ends, mtu }) =>
    ends.filter((end) => end.host === host).map(({ port }) => ({
      ...port,
      mtu,
    }))
  );
}

function portLines({ device, addresses, mtu }: WiredPort): string[] {
  return [
    ...(mtu === undefined ? [] : [`link set ${device} mtu ${mtu}`]),
    // No duplicate address detection: nobody else is there, and the addresses
    // can be used at once.
    ...addresses.map((address) =>
      `address add ${address} dev ${device}` +
      (address.includes(":") ? " nodad" : "")
    ),
    `link set ${device} up`,
  ];
}

/**
 * Sets kernel parameters by a shell alone, since not everybody has sysctl. Where
 * /proc/sys may only be read, as in some containers, what is so already will do;
 * and a kernel without IPv6 does nothing of it, which is 0.
 */
async function setSysctl(namespace: string, sysctl: Sysctl): Promise<void> {
  const lines = Object.entries(sysctl).map(([name, value]) => {
    const file = `/proc/sys/${name.replaceAll(".", "/")}`;
    const set = `echo ${value} >${file}`;
    const is = `$(cat ${file} 2>/dev/null || echo 0)`;
    return `{ ${set}; } 2>/dev/null || [ "${is}" = "${value}" ] || ${set}`;
  });
  const [program, ...args] = inNamespace(namespace, ["/bin/sh", "-e"]);
  const script = [`PATH=${SYSTEM_PATH}`, ...lines, ""].join("\n");
  await runProgram(program, args, script);
}

/** Lets whoever runs inside know that it is a lab; kernels before 5.5 cannot. */
async function mark(namespace: string): Promise<void> {
  const device = ["-netns", namespace, "link", "property"];
  await tryProgram("ip", [...device, "add", "dev", "lo", "altname", LAB_MARK]);
}

/**
 * Finds nft.
 *
 * @throws {LabError} if it is not installed
 */
async function findNFT(): Promise<string> {
  const search = `PATH=${SYSTEM_PATH}; command -v nft`;
  const found = await tryProgram("nsenter", ["/bin/sh", "-c", search]);
  if (found !== undefined) return found.trim();
  throw new LabError(
    "nft is not installed, and routers that do more than forward need it",
    "Install it: nft comes with nftables.",
  );
}

async function addRules(
  namespace: string,
  nft: string,
  chains: readonly string[],
): Promise<void> {
  if (chains.length === 0) return;
  const [program, ...args] = inNamespace(namespace, [nft, "-f", "-"]);
  await runProgram(
    program,
    args,
    `table inet lab {\n${chains.join("\n")}\n}\n`,
  );
}

/**
 * Waits until every interface knows that it has a carrier, which the kernel
 * tells it a little later. Until then IPv6 is mute.
 */
async function settle(namespaces: readonly string[]): Promise<void> {
  for (let tries = 0; tries < SETTLE_TRIES; tries++) {
    const links = await Promise.all(
      namespaces.map((name) =>
        runProgram("ip", ["-netns", name, "link", "show"])
      ),
    );
    if (!links.some((text) => /state (LOWERLAYER)?DOWN/.test(text))) return;
    await delay(SETTLE_RETRY_MS);
  }
}

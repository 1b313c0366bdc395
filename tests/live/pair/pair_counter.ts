/**
 * What a host has sent, by the kernel's count.
 *
 * @module
 */

import type { Lab } from "../../../lib/lab/lab.ts";
import { run } from "../live.ts";

/** IPv4 packets that the sender's host has sent, what name servers were asked apart. */
export async function packetsSent(lab: Lab): Promise<number> {
  const file = lab.inside("sender", ["cat", "/proc/net/snmp"]);
  const { stdout } = await run(file);
  const counter = (group: string, name: string) => {
    const [names, values] = stdout.split("\n")
      .filter((line) => line.startsWith(`${group}: `))
      .map((line) => line.split(" "));
    return Number(values[names.indexOf(name)]);
  };
  return counter("Ip", "OutRequests") - counter("Udp", "OutDatagrams") -
    counter("Icmp", "OutMsgs");
}

/**
 * Whether a process, or a network namespace, is a host of a lab, from which
 * nothing leads out; and the lab's other hosts.
 *
 * @module
 */

import { inquire } from "./inquiry.ts";
import { interfaceIndex } from "./interface.ts";
import { listFolder, readKernelLink } from "./kernel_file.ts";
import { inNamespace } from "./namespace.ts";

/** A second name of the loopback interface, in every host of a lab. */
export const LAB_MARK = "raw4-lab";
/** Where `ip netns` keeps the names of network namespaces. */
const NAMESPACES = "/run/netns";
/** `raw4-pair-sender`, or `raw4-pair-1234.5678-sender`: the lab, the host. */
const LAB_HOST = /^(raw4-.+)-([a-z0-9]+)$/;

/** A host of a lab. */
export interface LabHost {
  /** What it is called in the lab, such as `receiver`. */
  readonly host: string;
  /** Its network namespace, as `ip netns` names it. */
  readonly namespace: string;
  /** Whether it is the one that was asked for. */
  readonly isOwn: boolean;
}

/**
 * Whether this process, or a network namespace, is inside a lab.
 *
 * @throws {SocketError} if there is no such namespace
 */
export function isInLab(namespace?: string): boolean {
  const action = "find out whether this is a lab";
  return inquire(4, namespace, action, (fd) => interfaceIndex(LAB_MARK, fd)) >
    0;
}

/**
 * The hosts of the lab that this process, or `namespace`, is one of; itself
 * included. None outside of labs, and none where other namespaces may not be
 * entered.
 */
export function labHosts(namespace?: string): LabHost[] {
  if (!isInLab(namespace)) return [];
  const hosts = listFolder(NAMESPACES).flatMap((name) => {
    const [, lab, host] = LAB_HOST.exec(name) ?? [];
    return lab === undefined ? [] : [{ namespace: name, lab, host }];
  });
  const isOwn = namespace === undefined
    ? isIn(networkNamespace())
    : (name: string) => name === namespace;
  const own = hosts.find((host) => isOwn(host.namespace));
  return hosts.filter(({ lab }) => lab === own?.lab)
    .map((found) => ({
      host: found.host,
      namespace: found.namespace,
      isOwn: found === own,
    }));
}

/** Whether the namespace of a name is the one with an identity. */
function isIn(identity: string): (name: string) => boolean {
  return (name) => {
    try {
      return inNamespace(name, networkNamespace) === identity;
    } catch {
      // Not permitted, or gone by now.
      return false;
    }
  };
}

/** The identity of the network namespace that this thread is in. */
function networkNamespace(): string {
  return readKernelLink("/proc/thread-self/ns/net") ?? "";
}

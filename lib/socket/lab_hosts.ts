/**
 * The other hosts of the lab that a process, or a namespace, is a host of.
 *
 * @module
 */

import { cString, libc, toCString } from "../ffi/libc.ts";
import { DIRENT } from "../ffi/linux.ts";
import { isInLab } from "./lab_mark.ts";
import { inNamespace } from "./namespace.ts";

/** Where `ip netns` keeps the names of network namespaces. */
const NAMESPACES = "/run/netns";
/** `raw4-pair-sender`, or `raw4-pair-1234.5678-sender`: the lab, the host. */
const LAB_HOST = /^(raw4-.+)-([a-z0-9]+)$/;
/** What `net:[4026531840]` and more has room in. */
const LINK_SIZE = 64;

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
 * The hosts of the lab that this process, or `namespace`, is one of; itself
 * included. None outside of labs, and none where other namespaces may not be
 * entered.
 */
export function labHosts(namespace?: string): LabHost[] {
  if (!isInLab(namespace)) return [];
  const hosts = listNamespaces().flatMap((name) => {
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
  const link = new Uint8Array(LINK_SIZE);
  const path = toCString("/proc/thread-self/ns/net");
  const length = libc().readlink(path, link, LINK_SIZE);
  return new TextDecoder().decode(link.subarray(0, Math.max(0, length)));
}

/** Their names, as `ip netns list` shows them. */
function listNamespaces(): string[] {
  const symbols = libc();
  const directory = symbols.opendir(toCString(NAMESPACES));
  if (directory === null) return [];
  const names: string[] = [];
  try {
    for (;;) {
      const entry = symbols.readdir(directory);
      if (entry === null) return names;
      names.push(cString(Deno.UnsafePointer.offset(entry, DIRENT.NAME)));
    }
  } finally {
    symbols.closedir(directory);
  }
}

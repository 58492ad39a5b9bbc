import { lookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { describeError } from './describe-error.ts';
import { TransportError } from './errors.ts';

/** An address a name resolves to. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** DNS. Rejects when the name does not resolve. */
export type Resolver = (hostname: string) => Promise<readonly ResolvedAddress[]>;

export interface AddressGuardOptions {
  /** CIDRs, addresses and host names that may be reached although they are not public. Empty in production. */
  readonly allow?: readonly string[] | undefined;
  readonly resolve?: Resolver | undefined;
  /** Told once for each host that only the allow-list lets through. */
  readonly onAllowed?: ((host: string) => void) | undefined;
}

/** Keeps webhooks away from everything that is not a public address (server-side request forgery). */
export interface AddressGuard {
  /** True for a host that the allow-list names, as a name or as an address in one of its ranges. */
  isAllowListed(host: string): boolean;
  /** Whether a connection to `host` may end at this address. */
  permits(host: string, address: string): boolean;
  /**
   * The addresses of a host, each of them checked; these are what a connection must be made to, with no second
   * look-up in between. An address literal never meets DNS, so it is checked here too.
   * @throws TransportError `blocked_address` when any answer is not permitted, `dns` when there is none.
   */
  resolve(host: string): Promise<readonly ResolvedAddress[]>;
}

/** IANA special-purpose registries, IPv4, and what clouds serve on addresses that are public by range. */
const BLOCKED_IPV4: readonly string[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // Azure's wire server.
  '168.63.129.16/32',
];

/** Within 2000::/3; everything outside of that is blocked as a whole. */
const BLOCKED_IPV6: readonly string[] = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

/**
 * @throws RangeError for an entry of `allow` that is neither a CIDR nor an address nor a host name.
 */
export function createAddressGuard(options: AddressGuardOptions = {}): AddressGuard {
  const { resolve = systemResolver, onAllowed } = options;
  const names = new Set<string>();
  const ranges = new BlockList();
  for (const entry of options.allow ?? []) addAllowed(entry, names, ranges);
  const told = new Set<string>();

  const isInRanges = (address: string): boolean => ranges.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  const tellOnce = (host: string): void => {
    if (onAllowed === undefined || told.has(host)) return;
    told.add(host);
    onAllowed(host);
  };

  const permits = (host: string, address: string): boolean => {
    if (isPublicAddress(address)) return true;
    if (names.has(host) === false && isInRanges(address) === false) return false;
    tellOnce(host);
    return true;
  };

  return {
    permits,
    isAllowListed: (host) => names.has(host) || (isIP(unbracket(host)) !== 0 && isInRanges(unbracket(host))),

    async resolve(host): Promise<readonly ResolvedAddress[]> {
      const literal = unbracket(host);
      const family = isIP(literal);
      const answers = family === 0 ? await askResolver(resolve, host) : [{ address: literal, family }];
      // One bad answer condemns the name: the socket may pick any of them.
      for (const { address } of answers) {
        if (permits(host, address) === false) {
          throw new TransportError('blocked_address', `${host} is not a public address`);
        }
      }
      return answers;
    },
  };
}

/** True for an address of the public internet; false for every special range and for what is no address. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return ipv4Blocks.check(address, 'ipv4') === false;
  // A zone id names an interface of this machine.
  if (family !== 6 || address.includes('%')) return false;
  const mapped = unmapIpv4(address);
  if (mapped !== undefined) return isPublicAddress(mapped);
  return globalUnicast.check(address, 'ipv6') && ipv6Blocks.check(address, 'ipv6') === false;
}

const ipv4Blocks = blockListOf(BLOCKED_IPV4);
const ipv6Blocks = blockListOf(BLOCKED_IPV6);
const globalUnicast = blockListOf(['2000::/3']);

function blockListOf(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) addRange(list, cidr);
  return list;
}

function addRange(list: BlockList, cidr: string): void {
  const [address = '', prefix] = cidr.split('/');
  const family = isIP(address);
  const bits = family === 6 ? 128 : 32;
  const length = prefix === undefined ? bits : Number(prefix);
  if (family === 0 || /^\d{1,3}$/.test(prefix ?? '0') === false || length > bits) {
    throw new RangeError(`"${cidr}" is neither a CIDR nor an address nor a host name`);
  }
  list.addSubnet(address, length, family === 6 ? 'ipv6' : 'ipv4');
}

function addAllowed(entry: string, names: Set<string>, ranges: BlockList): void {
  const isName = isIP(entry) === 0 && /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i.test(entry);
  if (isName) names.add(entry.toLowerCase());
  else addRange(ranges, entry);
}

/** The IPv4 address inside `::ffff:0:0/96`, in either spelling. */
function unmapIpv4(address: string): string | undefined {
  // WHATWG URL writes every IPv6 address in one canonical form, the mapped ones as ::ffff:7f00:1.
  const canonical = unbracket(new URL(`http://[${address}]`).hostname);
  const match = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
  if (match === null) return undefined;
  const high = Number.parseInt(match[1] ?? '', 16);
  const low = Number.parseInt(match[2] ?? '', 16);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function unbracket(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

async function askResolver(resolve: Resolver, host: string): Promise<readonly ResolvedAddress[]> {
  let answers: readonly ResolvedAddress[];
  try {
    answers = await resolve(host);
  } catch (error) {
    throw new TransportError('dns', `${host} does not resolve: ${describeError(error)}`);
  }
  if (answers.length === 0) throw new TransportError('dns', `${host} has no address`);
  return answers;
}

const systemResolver: Resolver = (hostname) => lookup(hostname, { all: true, verbatim: true });

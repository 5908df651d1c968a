// Where topics and queues are: at AWS beside the vaults, or at the address that serves all three.

export type NoticeKind = 'sns' | 'sqs';

/** Where a service is spoken to. */
export interface NoticePlace {
  readonly region: string;
  /** Without a slash at its end. */
  readonly endpoint: string;
}

/**
 * A server that is not AWS's speaks of topics and queues at the same address as of vaults, unless the environment names
 * another by `AWS_ENDPOINT_URL_SNS` and `AWS_ENDPOINT_URL_SQS`.
 */
export function noticePlace(
  service: NoticeKind,
  { region, endpoint }: NoticePlace,
  environment: Readonly<Record<string, string | undefined>>,
): NoticePlace {
  const named = environment[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ?? '';
  if (URL.canParse(named)) return { region, endpoint: named.replace(/\/+$/, '') };
  const domain = domainOfAws(endpoint);
  return { region, endpoint: domain === null ? endpoint : `https://${service}.${region}.${domain}` };
}

/** What the names of AWS's hosts end with where the vaults are; null where they are not at AWS. */
export function domainOfAws(vaults: string): string | null {
  const host = new URL(vaults).hostname;
  // Its regions are in several domains, and each has vaults under this name.
  return (
    /^glacier(?:-fips)?\.[a-z0-9-]+\.(.+)$/.exec(host)?.[1] ?? /(?<=\.)amazonaws\.com(?:\.cn)?$/.exec(host)?.[0] ?? null
  );
}

// Where the vaults are, as far as the settings alone tell it.

import { Failure } from '../model/failure.js';
import type { GlacierSettings } from './glacier-config.js';

/** A region, and the address that requests go to, without a slash at its end. */
export interface GlacierPlace {
  readonly region: string;
  readonly endpoint: string;
}

/** null when the environment or the profile have a say in it. @throws Failure CONFIG */
export function givenPlace(settings: GlacierSettings): GlacierPlace | null {
  const { region } = settings;
  // Of other names the SDK knows what is wrong with them, or what they stand for.
  if (region === undefined || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(region) || region.includes('fips')) return null;
  const endpoint = givenEndpoint(settings, region);
  return endpoint === null ? null : { region, endpoint };
}

/** null when the environment or the profile have a say in it. @throws Failure CONFIG */
export function givenEndpoint({ endpoint, protocol }: GlacierSettings, region: string): string | null {
  if (endpoint !== undefined) {
    if (/^https?:\/\//.test(endpoint) && URL.canParse(endpoint)) return endpoint.replace(/\/+$/, '');
    throw new Failure('CONFIG', `endpoint ${JSON.stringify(endpoint)} is not a web address`, {
      hint: 'it begins with https:// or http://',
    });
  }
  if (protocol !== 'http') return null;
  return `http://glacier.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

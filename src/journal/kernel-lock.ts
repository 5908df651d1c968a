// Locks of the kernel, where this platform has them: gone the moment that their holder is.

/** Tries to lock an open file: 'unsupported' where the file system has no such locks. */
export type KernelLock = (fd: number) => 'held' | 'taken' | 'unsupported';

/** For machines that the addon was not built for, and file systems without such locks. */
export const noKernelLock: KernelLock = () => 'unsupported';

export async function loadKernelLock(): Promise<KernelLock> {
  try {
    const { tryLock } = await import('fs-native-extensions');
    return (fd) => {
      try {
        return tryLock(fd) ? 'held' : 'taken';
      } catch {
        return 'unsupported';
      }
    };
  } catch {
    return noKernelLock;
  }
}

// The part of fs-native-extensions that locks use; the package has no types.

declare module 'fs-native-extensions' {
  /** An exclusive lock of the kernel on the whole file; false when another open file has one. */
  export function tryLock(fd: number): boolean;

  /** Lets go of it, also where a process that is just being started has the file open still. */
  export function unlock(fd: number): void;
}

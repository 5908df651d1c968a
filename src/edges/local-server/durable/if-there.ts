// Files and directories that need not be there.

/** What was found; null when there is no such thing. @throws whatever else went wrong with looking */
export async function ifThere<Found>(looking: Promise<Found>): Promise<Found | null> {
  try {
    return await looking;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw cause;
  }
}

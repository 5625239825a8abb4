/** A worker that was started. */
export interface WorkerHandle {
  /** Ends it, in whatever it is doing. */
  stop(): void;
}

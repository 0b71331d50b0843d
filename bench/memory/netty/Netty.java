import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.Version;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Measures Netty's pooled direct buffers. It does one thing for each line on its standard input and answers with one line:
 *
 *   warm MS          runs all sizes for MS milliseconds each; answers 0
 *   alloc SIZE MS    allocates, writes the first byte, releases; answers ns per buffer
 *   plan SLOTS N     followed by N pairs of 32-bit slot and size; answers 0
 *   random MS        replaces buffers as the plan says; answers ns per replacement
 *   replay N W       followed by N pairs: replaces, touches every page, releases on another thread if W is 1; answers the bytes
 *                    that the allocator holds, the bytes that are live, and the nanoseconds it took
 */
public final class Netty {
    static final int BATCH = 256, PAGE = 4096, IDLE = -1;
    static final PooledByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;

    public static void main(String[] args) throws Exception {
        System.out.println(Version.identify().get("netty-buffer").artifactVersion() + " on " + System.getProperty("java.vm.name")
            + " " + System.getProperty("java.version"));
        Thread t = new FastThreadLocalThread(() -> { // only such a thread has a cache
            try {
                new Netty().serve(new DataInputStream(new BufferedInputStream(System.in, 1 << 16)));
            } catch (Exception e) {
                e.printStackTrace();
                System.exit(1);
            }
        });
        t.start();
        t.join();
        System.exit(0);
    }

    void serve(DataInputStream in) throws Exception {
        for (String line; (line = readLine(in)) != null;) {
            String[] w = line.split(" ");
            switch (w[0]) {
                case "warm":
                    for (int size : new int[] {64, 1 << 10, 16 << 10, 256 << 10, 64, 1 << 10, 16 << 10, 256 << 10}) {
                        alloc(size, Long.parseLong(w[1]) / 2);
                    }
                    System.out.println(0);
                    break;
                case "alloc":
                    System.out.println(alloc(Integer.parseInt(w[1]), Long.parseLong(w[2])));
                    break;
                case "plan":
                    window = new ByteBuf[Integer.parseInt(w[1])];
                    plan = readOps(in, Integer.parseInt(w[2]));
                    System.out.println(0);
                    break;
                case "random":
                    System.out.println(random(Long.parseLong(w[1])));
                    break;
                case "replay":
                    replay(readOps(in, Integer.parseInt(w[1])), w[2].equals("1"));
                    break;
                default:
                    throw new IOException("no command " + line);
            }
        }
    }

    static String readLine(DataInputStream in) throws IOException {
        StringBuilder s = new StringBuilder();
        for (int c; (c = in.read()) != '\n'; s.append((char) c)) {
            if (c < 0) {
                return null;
            }
        }
        return s.toString();
    }

    static int[] readOps(DataInputStream in, int n) throws IOException {
        int[] ops = new int[2 * n];
        for (int i = 0; i < ops.length; i++) {
            ops[i] = in.readInt();
        }
        return ops;
    }

    static double alloc(int size, long millis) {
        long ops = 0, start = System.nanoTime(), end = start + millis * 1_000_000, now;
        do {
            allocBatch(size);
            ops += BATCH;
        } while ((now = System.nanoTime()) < end);
        return (double) (now - start) / ops;
    }

    static void allocBatch(int size) {
        for (int i = 0; i < BATCH; i++) {
            ByteBuf b = allocator.directBuffer(size);
            b.setByte(0, 1);
            b.release();
        }
    }

    ByteBuf[] window;
    int[] plan;
    int at;

    double random(long millis) {
        long ops = 0, start = System.nanoTime(), end = start + millis * 1_000_000, now;
        do {
            randomBatch();
            ops += BATCH;
        } while ((now = System.nanoTime()) < end);
        return (double) (now - start) / ops;
    }

    void randomBatch() {
        for (int i = 0; i < BATCH; i++) {
            int slot = plan[at], size = plan[at + 1];
            if ((at += 2) == plan.length) {
                at = 0;
            }
            ByteBuf b = window[slot];
            if (b != null) {
                b.release();
            }
            b = allocator.directBuffer(size);
            b.setByte(0, 1);
            b.setByte(size - 1, 1);
            window[slot] = b;
        }
    }

    ByteBuf[] slots = new ByteBuf[0];
    int[] sizes = new int[0];
    long asked;
    final AtomicLong released = new AtomicLong();
    ArrayBlockingQueue<ByteBuf> ring;

    void replay(int[] ops, boolean elsewhere) throws InterruptedException {
        if (elsewhere && ring == null) {
            startReleaser();
        }
        long start = System.nanoTime();
        for (int i = 0; i < ops.length; i += 2) {
            if (ops[i] == IDLE) {
                allocator.trimCurrentThreadCache();
            } else {
                replace(ops[i], ops[i + 1]);
            }
        }
        long took = System.nanoTime() - start;
        System.out.println(allocator.metric().usedDirectMemory() + " " + (asked - released.get()) + " " + took);
    }

    void replace(int slot, int size) throws InterruptedException {
        if (slot >= slots.length) {
            slots = java.util.Arrays.copyOf(slots, Math.max(2 * slots.length, slot + 1));
            sizes = java.util.Arrays.copyOf(sizes, slots.length);
        }
        ByteBuf old = slots[slot];
        if (old != null) {
            slots[slot] = null;
            if (ring != null) {
                ring.put(old);
            } else {
                released.lazySet(released.get() + sizes[slot]);
                old.release();
            }
        }
        if (size > 0) {
            ByteBuf b = allocator.directBuffer(size);
            for (int i = 0; i < size; i += PAGE) {
                b.setByte(i, 1);
            }
            b.setByte(size - 1, 1);
            b.writerIndex(size);
            asked += size;
            slots[slot] = b;
            sizes[slot] = size;
        }
    }

    void startReleaser() {
        ring = new ArrayBlockingQueue<>(64);
        Thread t = new FastThreadLocalThread(() -> {
            try {
                while (true) {
                    ByteBuf b = ring.take();
                    released.addAndGet(b.writerIndex());
                    b.release();
                }
            } catch (InterruptedException e) {
                System.exit(1);
            }
        });
        t.setDaemon(true);
        t.start();
    }
}

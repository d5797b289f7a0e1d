"""A service's JVM on core 0 that is there for a while, and wrk's 32 connections on core 1."""
import contextlib
import os
import re
import shutil
import socket
import statistics
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
JAVA = os.path.join(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else "java"
JCMD = re.sub("java$", "jcmd", JAVA)
JAR = os.path.join(HERE, "../../shade/target/hdrlog.jar")
PARTS = ("app", "agent", "jit", "gc")


class Jvm:
    """WHAT is as `windows` says it; its files are in a folder of its name in `work`."""

    def __init__(self, service, name, what, work):
        self.name = name
        self.dir = os.path.join(work, name)
        os.mkdir(self.dir)
        self.windows = []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        kind, *options = what.split(",")
        self.free = "free" in options
        command = ["taskset", "-c", "0", JAVA, "-XX:+UseSerialGC", "-Xms256m", "-Xmx256m"]
        command += ["-Xmn128m", f"-Xlog:gc:file={self.dir}/gc.txt"]
        if kind == "hdrlog":
            jar = [o[4:] for o in options if o.startswith("jar=")] or [JAR]
            command += [f"-javaagent:{jar[0]}", "-Dhdrlog.service=bench"]
            command += [f"-Dhdrlog.dir={self.dir}", "-Dhdrlog.rotate.compress=false"]
            own = [o for o in options if o != "free" and not o.startswith("jar=")]
            command += [f"-Dhdrlog.{o}" for o in own]
            kind = "none"
        command += ["--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"]
        command += [f"-Dbench.port={self.port}", "-Dbench.tls=none", f"-Dbench.peer={kind}"]
        command += [f"-Dbench.dir={self.dir}", "-cp"]
        command += [f"{HERE}/target/classes:{HERE}/target/lib/{service}/*"]
        command += [f"io.hdrlog.bench.service.{service.capitalize()}Service"]
        with open(os.path.join(self.dir, "out.txt"), "wb") as out:
            # The service ends with its input.
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=out)
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                time.sleep(0.05)
        self.kill()
        with open(os.path.join(self.dir, "out.txt")) as out:
            raise SystemExit(f"{name} did not start: {out.read()[-500:]}")

    def free_agent(self):
        """Threads that they start later are free as well."""
        tasks = f"/proc/{self.process.pid}/task"
        for task in os.listdir(tasks):
            try:
                with open(f"{tasks}/{task}/comm") as comm:
                    if comm.read().startswith("hdrlog"):
                        os.sched_setaffinity(int(task), {0, 1})
            except OSError:
                continue

    def load(self, seconds):
        if self.free:
            self.free_agent()
        url = f"http://127.0.0.1:{self.port}/orders/100000?expand=items"
        command = ["taskset", "-c", "1", "wrk", "-t1", "-c32", f"-d{seconds}s"]
        command += ["-s", f"{HERE}/src/main/wrk/headers.lua", url]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        if "Non-2xx" in said:
            raise SystemExit(said)
        return int(re.search(r"(\d+) requests in", said).group(1))

    def cpu_ns(self):
        spent = dict.fromkeys(PARTS, 0)
        tasks = f"/proc/{self.process.pid}/task"
        for task in os.listdir(tasks):
            try:
                with open(f"{tasks}/{task}/comm") as comm, open(f"{tasks}/{task}/schedstat") as stat:
                    name = comm.read()
                    ns = int(stat.read().split()[0])
            except OSError:
                continue
            if name.startswith("hdrlog"):
                part = "agent"
            elif "Compiler" in name:
                part = "jit"
            else:
                part = "gc" if name.startswith(("VM ", "GC ")) else "app"
            spent[part] += ns
        return spent

    def window(self, seconds):
        before = self.cpu_ns()
        requests = self.load(seconds)
        # What the agent has yet to write of it belongs to it.
        time.sleep(0.3)
        after = self.cpu_ns()
        us = {part: (after[part] - before[part]) / requests / 1000 for part in PARTS}
        self.windows.append(us | {"all": sum(us.values()), "rps": requests / seconds})

    def median(self, key):
        return statistics.median(window[key] for window in self.windows)

    def rss_mib(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) // 1024

    def pause_ms(self):
        with open(os.path.join(self.dir, "gc.txt")) as log:
            pauses = [float(p) for p in re.findall(r"Pause Young.* ([0-9.]+)ms", log.read())]
        return statistics.median(pauses[len(pauses) // 2 :])

    def stop(self):
        """Ends it in order; returns what the agent says in its summary, empty without an agent."""
        self.process.terminate()
        self.process.wait()
        for file in os.listdir(self.dir):
            if file.endswith(".agent.log"):
                with open(os.path.join(self.dir, file)) as log:
                    return re.search(r"summary (.*)", log.read()).group(1)
        return ""

    def kill(self):
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def living(service, pairs, warm):
    """A warm JVM for each NAME=WHAT, all there at once, until the block ends."""
    work = tempfile.mkdtemp()
    jvms = []
    try:
        for pair in pairs:
            name, what = pair.split("=", 1)
            jvms.append(Jvm(service, name, what, work))
        for _ in range(2):
            for jvm in jvms:
                jvm.load(warm // 2)
        yield jvms
    finally:
        for jvm in jvms:
            jvm.kill()
        shutil.rmtree(work)


def in_turn(jvms, rounds):
    """Each of them in each round, forwards and backwards."""
    for i in range(rounds):
        yield from jvms if i % 2 == 0 else reversed(jvms)

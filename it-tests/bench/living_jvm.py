"""A service's JVM on core 0 that is there for a while, and wrk's 32 connections on core 1."""
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
JAVA = os.path.join(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else "java"
JCMD = re.sub("java$", "jcmd", JAVA)
JAR = os.path.join(HERE, "../../shade/target/hdrlog.jar")


class Jvm:
    """`service` is tomcat or netty; its files are in `dir`. Both are gone when its block is left.

    `what` is none, accesslog, jsonaccesslog (Tomcat's valves with the same headers) or hdrlog, the
    last with its options after commas: hdrlog,kernel=off; of these `jar=FILE` is another jar than
    the build's.
    """

    def __init__(self, service, what):
        self.dir = tempfile.mkdtemp()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        kind, *options = what.split(",")
        command = ["taskset", "-c", "0", JAVA, "-XX:+UseSerialGC", "-Xms256m", "-Xmx256m"]
        command += ["-Xmn128m"]
        if kind == "hdrlog":
            jar = [o[4:] for o in options if o.startswith("jar=")] or [JAR]
            command += [f"-javaagent:{jar[0]}", "-Dhdrlog.service=bench"]
            command += [f"-Dhdrlog.dir={self.dir}", "-Dhdrlog.rotate.compress=false"]
            own = [o for o in options if not o.startswith("jar=")]
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
        with open(os.path.join(self.dir, "out.txt")) as out:
            said = out.read()
        self.__exit__()
        raise SystemExit(f"{service} {what} did not start: {said[-500:]}")

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.dir)

    def load(self, seconds):
        url = f"http://127.0.0.1:{self.port}/orders/100000?expand=items"
        command = ["taskset", "-c", "1", "wrk", "-t1", "-c32", f"-d{seconds}s"]
        command += ["-s", f"{HERE}/src/main/wrk/headers.lua", url]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        if "Non-2xx" in said:
            raise SystemExit(said)
        return int(re.search(r"(\d+) requests in", said).group(1))

    def rss_mib(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) // 1024

    def stop(self):
        """Ends it in order; returns what the agent says in its summary, empty without an agent."""
        self.process.terminate()
        self.process.wait()
        for file in os.listdir(self.dir):
            if file.endswith(".agent.log"):
                with open(os.path.join(self.dir, file)) as log:
                    return re.search(r"summary (.*)", log.read()).group(1)
        return ""

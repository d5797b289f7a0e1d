public final class BootTap {}

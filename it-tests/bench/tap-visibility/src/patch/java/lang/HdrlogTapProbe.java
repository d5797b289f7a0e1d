package java.lang;

public final class HdrlogTapProbe {}

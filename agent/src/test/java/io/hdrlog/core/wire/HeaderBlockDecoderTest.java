package io.hdrlog.core.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeaderBlockDecoderTest {
  private static final int LITERAL = 0x00;
  private static final int HUFFMAN = 0x80;
  private static final int PADDING = 0xff;

  @Test
  void aNameThatIsNothingButPaddingMakesTheBlockUnreadable() {
    HeaderBlockDecoder decoder = new HeaderBlockDecoder();
    byte[] block = {LITERAL, (byte) (HUFFMAN | 1), (byte) PADDING, 1, 'v'};
    decoder.begin();
    decoder.append(block, 0, block.length);
    assertThat(decoder.decode(new FieldLines())).isFalse();
  }
}

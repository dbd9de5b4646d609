package org.pgwalrus.snapshot.files;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** How checksums are written: {@code sha256:} and 64 hexadecimal digits. */
final class Checksum {

  private static final String PREFIX = "sha256:";
  private static final Pattern FORM = Pattern.compile(PREFIX + "[0-9a-f]{64}");

  private Checksum() {}

  /** A new hash, which the processor computes where it can. */
  static MessageDigest start() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The checksum of what the hash has seen; the hash begins anew. */
  static String finish(MessageDigest digest) {
    return PREFIX + HexFormat.of().formatHex(digest.digest());
  }

  /** The digits of a checksum. */
  static String digits(String checksum) {
    return checksum.substring(PREFIX.length());
  }

  static boolean isValid(String text) {
    return FORM.matcher(text).matches();
  }
}

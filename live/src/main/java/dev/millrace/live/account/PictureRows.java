package dev.millrace.live.account;

import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;

/** The rows of pictures: those that are more than counted. */
final class PictureRows {
  private final Sql sql;
  private final Totals totals;

  PictureRows(Sql sql, Totals totals) {
    this.sql = sql;
    this.totals = totals;
  }

  /** Those that a condition holds for, in the order of arrival. */
  List<Kept> all(String where, Object... values) throws IOException {
    return sql.rows(
        "SELECT p.id, s.name, p.key, p.state, p.chunk, p.at, p.length, p.label, p.sha FROM picture p JOIN source s ON s.id=p.source WHERE "
            + where
            + " ORDER BY p.id",
        PictureRows::kept,
        values);
  }

  private static Kept kept(ResultSet r) throws SQLException {
    long at = r.getLong(6);
    Place place = r.wasNull() ? null : new Place(at, r.getInt(7));
    return new Kept(
        r.getLong(1),
        r.getString(2),
        r.getString(3),
        State.values()[r.getInt(4)],
        r.getInt(5),
        place,
        r.getString(8),
        HexFormat.of().formatHex(r.getBytes(9)));
  }

  /** Puts a picture into another state, unless it has left the first. */
  void move(long number, State from, State to) throws IOException {
    int moved =
        sql.run(
            "UPDATE picture SET state=? WHERE id=? AND state=?",
            to.ordinal(),
            number,
            from.ordinal());
    totals.add(from.word(), -moved);
    totals.add(to.word(), moved);
  }
}

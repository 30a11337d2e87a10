-- The limits that have places taken now, fullest first. A key is an HMAC of what the limit counts (an
-- address, a network, an attempt), so it cannot be read back.
SELECT encode(substr(key, 1, 4), 'hex') AS key,
       kind,
       taken_now AS taken,
       places AS of,
       make_interval(secs => seconds) AS in,
       CASE WHEN taken_now >= places THEN frees_at ELSE now() END AS next_place
  FROM limits
 CROSS JOIN LATERAL (
       SELECT count(*)::int AS taken_now,
              date_trunc('second', min(t) + make_interval(secs => seconds)) AS frees_at
         FROM unnest(taken) AS t
        WHERE t > now() - make_interval(secs => seconds)) AS of_window
 WHERE taken_now > 0
 ORDER BY taken_now::numeric / greatest(places, 1) DESC, taken_now DESC;

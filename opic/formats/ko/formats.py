"""Korean: morning or afternoon stands before the time, as in `오후 7:10`."""

TIME_FORMAT = "A g:i"
DATETIME_FORMAT = "Y년 n월 j일 A g:i"

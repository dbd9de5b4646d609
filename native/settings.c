/*
 * settings.c
 *		The checks that settings need beyond type and range.
 *
 * They run in the postmaster too, where there is no catalog and an error
 * would end the server: they only ever say yes or no.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "pgtime.h"
#include "utils/guc.h"

#include "walrus.h"

/* JSON nested deeper than any value of ours is refused before it can cost stack. */
#define MAX_JSON_DEPTH 32
#define MAX_JSON_SIZE 65536

bool
walrus_check_headroom(double *newval, void **extra, GucSource source)
{
	if (*newval == 0 || *newval >= 1)
		return true;
	GUC_check_errdetail("The factor must be 0 or at least 1.");
	return false;
}

bool
walrus_check_channel(char **newval, void **extra, GucSource source)
{
	if (strlen(*newval) < NAMEDATALEN)
		return true;
	GUC_check_errdetail("A channel's name has %d bytes at most.", NAMEDATALEN - 1);
	return false;
}

bool
walrus_check_time_zone(char **newval, void **extra, GucSource source)
{
	if (**newval == '\0' || pg_tzset(*newval) != NULL)
		return true;
	GUC_check_errdetail("The time zone is not known.");
	return false;
}

static bool
too_deep(const char *json)
{
	int			depth = 0;
	bool		quoted = false;

	for (const char *c = json; *c != '\0' && depth <= MAX_JSON_DEPTH; c++)
	{
		if (*c == '"')
			quoted = !quoted;
		else if (quoted)
			c += (*c == '\\' && c[1] != '\0') ? 1 : 0;
		else if (*c == '[' || *c == '{')
			depth++;
		else if (*c == ']' || *c == '}')
			depth--;
	}
	return depth > MAX_JSON_DEPTH;
}

bool
walrus_check_json(char **newval, void **extra, GucSource source)
{
	JsonLexContext *lex;
	JsonParseErrorType error;
	int			at;

	if (**newval == '\0')
		return true;
	if (strlen(*newval) >= MAX_JSON_SIZE || too_deep(*newval))
	{
		GUC_check_errdetail("It has more than %d bytes or is nested deeper than %d levels.",
							MAX_JSON_SIZE - 1, MAX_JSON_DEPTH);
		return false;
	}

	lex = walrus_json_lexer(*newval);
	error = pg_parse_json(lex, &nullSemAction);
	if (error == JSON_SUCCESS)
		return true;

	/* At the end of the text there is no token. */
	at = (int) (lex->token_start != NULL ? (size_t) (lex->token_start - lex->input) : strlen(*newval));
	GUC_check_errdetail("Not JSON at byte %d: %s", at + 1, json_errdetail(error, lex));
	return false;
}

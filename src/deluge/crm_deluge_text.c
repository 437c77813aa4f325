/*
 * Functions of TEXT that look into it. Positions and lengths count characters.
 */

#define _GNU_SOURCE      /* memmem() */

#include "crm_deluge_run.h"
#include "crm_deluge_text.h"
#include "crm_deluge_utf8.h"


/* how of functions that look for a text in another */
#define TEXT_CASELESS  0x01
#define TEXT_LAST      0x02
#define TEXT_NOT       0x04


static crm_status_t text_from(crm_deluge_call_t *call, const char *data,
    size_t len);


static crm_status_t
text_length(crm_deluge_call_t *call)
{
    *call->result = crm_deluge_number((long long)
                        crm_deluge_utf8_length(call->args[0].u.text));

    return CRM_OK;
}


static crm_status_t
text_contains(crm_deluge_call_t *call, int how)
{
    int           found;
    crm_str_t     in, what;
    crm_status_t  rc;

    in = call->args[0].u.text;
    what = call->args[1].u.text;

    if (how & TEXT_CASELESS) {
        rc = crm_deluge_text_fold(call, &in);

        if (rc == CRM_OK) {
            rc = crm_deluge_text_fold(call, &what);
        }

        if (rc != CRM_OK) {
            return rc;
        }
    }

    found = crm_deluge_text_find(in, what, 0) != SIZE_MAX;
    *call->result = crm_deluge_boolean(how & TEXT_NOT ? !found : found);

    return CRM_OK;
}


static crm_status_t
text_has(crm_deluge_call_t *call)
{
    return text_contains(call, 0);
}


static crm_status_t
text_has_caseless(crm_deluge_call_t *call)
{
    return text_contains(call, TEXT_CASELESS);
}


static crm_status_t
text_has_not(crm_deluge_call_t *call)
{
    return text_contains(call, TEXT_NOT);
}


/* At the start or the end. */
static crm_status_t
text_at_edge(crm_deluge_call_t *call, int how)
{
    crm_str_t     in, what;
    crm_status_t  rc;

    in = call->args[0].u.text;
    what = call->args[1].u.text;

    if (how & TEXT_CASELESS) {
        rc = crm_deluge_text_fold(call, &in);

        if (rc == CRM_OK) {
            rc = crm_deluge_text_fold(call, &what);
        }

        if (rc != CRM_OK) {
            return rc;
        }
    }

    *call->result = crm_deluge_boolean(
        what.len <= in.len
        && (what.len == 0
            || memcmp(how & TEXT_LAST ? in.data + in.len - what.len : in.data,
                      what.data, what.len) == 0));

    return CRM_OK;
}


static crm_status_t
text_starts(crm_deluge_call_t *call)
{
    return text_at_edge(call, 0);
}


static crm_status_t
text_starts_caseless(crm_deluge_call_t *call)
{
    return text_at_edge(call, TEXT_CASELESS);
}


static crm_status_t
text_ends(crm_deluge_call_t *call)
{
    return text_at_edge(call, TEXT_LAST);
}


static crm_status_t
text_ends_caseless(crm_deluge_call_t *call)
{
    return text_at_edge(call, TEXT_LAST|TEXT_CASELESS);
}


static crm_status_t
text_equals_caseless(crm_deluge_call_t *call)
{
    crm_str_t     a, b;
    crm_status_t  rc;

    a = call->args[0].u.text;
    b = call->args[1].u.text;

    rc = crm_deluge_text_fold(call, &a);

    if (rc == CRM_OK) {
        rc = crm_deluge_text_fold(call, &b);
    }

    *call->result = crm_deluge_boolean(rc == CRM_OK && crm_str_eq(a, b));

    return rc;
}


/* In characters from 0 on; -1: it is not there. */
static crm_status_t
text_index(crm_deluge_call_t *call, int how)
{
    size_t  at;

    at = crm_deluge_text_find(call->args[0].u.text, call->args[1].u.text,
                              how & TEXT_LAST);

    *call->result = crm_deluge_number(at == SIZE_MAX ? -1 : (long long)
        crm_deluge_utf8_length(crm_str(call->args[0].u.text.data, at)));

    return CRM_OK;
}


static crm_status_t
text_index_first(crm_deluge_call_t *call)
{
    return text_index(call, 0);
}


static crm_status_t
text_index_last(crm_deluge_call_t *call)
{
    return text_index(call, TEXT_LAST);
}


/* subString(from[, to]): characters from..to-1. */
static crm_status_t
text_sub(crm_deluge_call_t *call)
{
    size_t     a, b;
    crm_str_t  s;
    long long  from, to, length;

    s = call->args[0].u.text;
    length = (long long) crm_deluge_utf8_length(s);
    from = call->args[1].u.number;
    to = call->count > 2 ? call->args[2].u.number : length;

    if (from < 0 || from > to || to > length) {
        return crm_deluge_throw(call->run, call->place,
                   "the text has %lld characters, not those from %lld to"
                   " %lld", length, from, to);
    }

    a = crm_deluge_utf8_offset(s, (size_t) from);
    b = crm_deluge_utf8_offset(s, (size_t) to);

    return text_from(call, s.data + a, b - a);
}


/* From the start, or the end, as many characters as there are up to n. */
static crm_status_t
text_left(crm_deluge_call_t *call)
{
    crm_str_t  s;

    s = call->args[0].u.text;

    return text_from(call, s.data,
               call->args[1].u.number < 0
               ? 0 : crm_deluge_utf8_offset(s,
                                            (size_t) call->args[1].u.number));
}


static crm_status_t
text_right(crm_deluge_call_t *call)
{
    size_t     at;
    crm_str_t  s;
    long long  n, length;

    s = call->args[0].u.text;
    n = call->args[1].u.number;
    length = (long long) crm_deluge_utf8_length(s);

    at = n <= 0 ? s.len
         : n >= length ? 0 : crm_deluge_utf8_offset(s, (size_t) (length - n));

    return text_from(call, s.data + at, s.len - at);
}


/* mid(from, length): as many as there are. */
static crm_status_t
text_middle(crm_deluge_call_t *call)
{
    size_t     a, b;
    crm_str_t  s;
    long long  from, n;

    s = call->args[0].u.text;
    from = call->args[1].u.number;
    n = call->args[2].u.number;

    if (from < 0 || n < 0) {
        return crm_deluge_throw(call->run, call->place,
                   "mid takes where to begin and a length, not %lld and %lld",
                   from, n);
    }

    a = crm_deluge_utf8_offset(s, (size_t) from);
    b = crm_deluge_utf8_offset(crm_str(s.data + a, s.len - a), (size_t) n);

    return text_from(call, s.data + a, b);
}


/* What stands before, or behind (LAST), the first place of a text: null if it
 * is nowhere. Case is folded a character for a character, whose length may
 * change: places are counted in characters. */
static crm_status_t
text_beside(crm_deluge_call_t *call, int how)
{
    size_t        at, end;
    crm_str_t     s, in, what;
    crm_status_t  rc;

    s = call->args[0].u.text;
    in = s;
    what = call->args[1].u.text;

    if (how & TEXT_CASELESS) {
        rc = crm_deluge_text_fold(call, &in);

        if (rc == CRM_OK) {
            rc = crm_deluge_text_fold(call, &what);
        }

        if (rc != CRM_OK) {
            return rc;
        }
    }

    at = crm_deluge_text_find(in, what, 0);

    if (at == SIZE_MAX) {
        return CRM_OK;
    }

    end = at + what.len;

    if (how & TEXT_CASELESS) {
        end = crm_deluge_utf8_offset(s,
                  crm_deluge_utf8_length(crm_str(in.data, end)));
        at = crm_deluge_utf8_offset(s,
                 crm_deluge_utf8_length(crm_str(in.data, at)));
    }

    return how & TEXT_LAST ? text_from(call, s.data + end, s.len - end)
                           : text_from(call, s.data, at);
}


static crm_status_t
text_prefix(crm_deluge_call_t *call)
{
    return text_beside(call, 0);
}


static crm_status_t
text_prefix_caseless(crm_deluge_call_t *call)
{
    return text_beside(call, TEXT_CASELESS);
}


static crm_status_t
text_suffix(crm_deluge_call_t *call)
{
    return text_beside(call, TEXT_LAST);
}


static crm_status_t
text_suffix_caseless(crm_deluge_call_t *call)
{
    return text_beside(call, TEXT_LAST|TEXT_CASELESS);
}


static crm_status_t
text_occurrences(crm_deluge_call_t *call)
{
    size_t     at;
    crm_str_t  s, what;
    long long  n;

    s = call->args[0].u.text;
    what = call->args[1].u.text;
    n = 0;

    while (what.len && (at = crm_deluge_text_find(s, what, 0)) != SIZE_MAX) {
        s = crm_str(s.data + at + what.len, s.len - at - what.len);
        n++;
    }

    *call->result = crm_deluge_number(n);

    return CRM_OK;
}


/* toList(separator): a comma if none is given. */
static crm_status_t
text_split(crm_deluge_call_t *call)
{
    size_t              at;
    crm_str_t           s, by;
    crm_status_t        rc;
    crm_deluge_list_t  *list;

    list = crm_deluge_list(call->run->pool);
    if (list == NULL) {
        return crm_deluge_memory(call->run, call->place);
    }

    s = call->args[0].u.text;
    by = call->count > 1 ? call->args[1].u.text : CRM_STR(",");

    for (at = 0; s.len && at != SIZE_MAX; /* void */) {
        at = by.len ? crm_deluge_text_find(s, by, 0) : SIZE_MAX;

        rc = crm_deluge_list_push(list,
                 crm_deluge_text(at == SIZE_MAX ? s : crm_str(s.data, at)),
                 call->run->pool);
        if (rc != CRM_OK) {
            return crm_deluge_check(call->run, call->place, rc);
        }

        if (at != SIZE_MAX) {
            s = crm_str(s.data + at + by.len, s.len - at - by.len);
        }
    }

    call->result->type = CRM_DELUGE_LIST;
    call->result->u.list = list;

    return CRM_OK;
}


static crm_status_t
text_is_ascii(crm_deluge_call_t *call)
{
    size_t     i;
    crm_str_t  s;

    s = call->args[0].u.text;

    for (i = 0; i < s.len && (unsigned char) s.data[i] < 0x80; i++) {
        /* void */
    }

    *call->result = crm_deluge_boolean(i == s.len);

    return CRM_OK;
}


const crm_deluge_builtin_t  crm_deluge_text_builtins[] = {
    { "length", CRM_DELUGE_ON_TEXT, 0, "", text_length },
    { "len", CRM_DELUGE_ON_TEXT, 0, "", text_length },
    { "contains", CRM_DELUGE_ON_TEXT, 1, "t", text_has },
    { "containsIgnoreCase", CRM_DELUGE_ON_TEXT, 1, "t", text_has_caseless },
    { "notContains", CRM_DELUGE_ON_TEXT, 1, "t", text_has_not },
    { "startsWith", CRM_DELUGE_ON_TEXT, 1, "t", text_starts },
    { "startsWithIgnoreCase", CRM_DELUGE_ON_TEXT, 1, "t",
      text_starts_caseless },
    { "endsWith", CRM_DELUGE_ON_TEXT, 1, "t", text_ends },
    { "endsWithIgnoreCase", CRM_DELUGE_ON_TEXT, 1, "t", text_ends_caseless },
    { "equalsIgnoreCase", CRM_DELUGE_ON_TEXT, 1, "t", text_equals_caseless },
    { "indexOf", CRM_DELUGE_ON_TEXT, 1, "t", text_index_first },
    { "find", CRM_DELUGE_ON_TEXT, 1, "t", text_index_first },
    { "lastIndexOf", CRM_DELUGE_ON_TEXT, 1, "t", text_index_last },
    { "subString", CRM_DELUGE_ON_TEXT, 1, "nn", text_sub },
    { "substring", CRM_DELUGE_ON_TEXT, 1, "nn", text_sub },
    { "subText", CRM_DELUGE_ON_TEXT, 1, "nn", text_sub },
    { "left", CRM_DELUGE_ON_TEXT, 1, "n", text_left },
    { "right", CRM_DELUGE_ON_TEXT, 1, "n", text_right },
    { "mid", CRM_DELUGE_ON_TEXT, 2, "nn", text_middle },
    { "getPrefix", CRM_DELUGE_ON_TEXT, 1, "t", text_prefix },
    { "getPrefixIgnoreCase", CRM_DELUGE_ON_TEXT, 1, "t",
      text_prefix_caseless },
    { "getSuffix", CRM_DELUGE_ON_TEXT, 1, "t", text_suffix },
    { "getSuffixIgnoreCase", CRM_DELUGE_ON_TEXT, 1, "t",
      text_suffix_caseless },
    { "getOccurenceCount", CRM_DELUGE_ON_TEXT, 1, "t", text_occurrences },
    { "getOccurence", CRM_DELUGE_ON_TEXT, 1, "t", text_occurrences },
    { "getOccurrence", CRM_DELUGE_ON_TEXT, 1, "t", text_occurrences },
    { "toList", CRM_DELUGE_ON_TEXT, 0, "t", text_split },
    { "isAscii", CRM_DELUGE_ON_TEXT, 0, "", text_is_ascii },
    { NULL, 0, 0, NULL, NULL }
};


static crm_status_t
text_from(crm_deluge_call_t *call, const char *data, size_t len)
{
    *call->result = crm_deluge_text(crm_str(data, len));

    return CRM_OK;
}


size_t
crm_deluge_text_find(crm_str_t in, crm_str_t what, int last)
{
    size_t       i;
    const char  *p;

    if (what.len > in.len) {
        return SIZE_MAX;
    }

    if (what.len == 0) {
        return last ? in.len : 0;
    }

    if (!last) {
        p = memmem(in.data, in.len, what.data, what.len);

        return p ? (size_t) (p - in.data) : SIZE_MAX;
    }

    for (i = in.len - what.len + 1; i > 0; i--) {
        if (memcmp(in.data + i - 1, what.data, what.len) == 0) {
            return i - 1;
        }
    }

    return SIZE_MAX;
}

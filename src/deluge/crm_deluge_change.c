/*
 * Functions of TEXT that make another one of it.
 */

#include <utf8proc.h>

#include "crm_deluge_run.h"
#include "crm_deluge_text.h"
#include "crm_deluge_utf8.h"


/* how of getAlpha() and its like: what is kept */
#define CHANGE_LETTERS   0x01
#define CHANGE_DIGITS    0x02
#define CHANGE_REST      0x04


/* Upper or lower case by Unicode, a character for a character. */
static crm_status_t
change_case(crm_deluge_call_t *call, int upper)
{
    crm_buf_t          buf;
    const char        *p, *end;
    utf8proc_uint8_t   out[4];
    utf8proc_int32_t   point;
    utf8proc_ssize_t   n;

    crm_deluge_buf(call->run, &buf);

    p = call->args[0].u.text.data;
    end = p + call->args[0].u.text.len;

    for (/* void */; p < end; p += n) {
        n = utf8proc_iterate((const utf8proc_uint8_t *) p, end - p, &point);

        if (n <= 0) {
            n = 1;
            crm_buf_putc(&buf, *p);
            continue;
        }

        point = upper ? utf8proc_toupper(point) : utf8proc_tolower(point);
        crm_buf_add(&buf, (char *) out,
                    (size_t) utf8proc_encode_char(point, out));
    }

    return crm_deluge_buf_end(call->run, call->place, &buf, call->result);
}


static crm_status_t
change_upper(crm_deluge_call_t *call)
{
    return change_case(call, 1);
}


static crm_status_t
change_lower(crm_deluge_call_t *call)
{
    return change_case(call, 0);
}


/* Every word begins with a capital. */
static crm_status_t
change_proper(crm_deluge_call_t *call)
{
    int        inside, letter;
    char      *p;
    size_t     i;
    crm_str_t  s;

    if (change_case(call, 0) != CRM_OK) {
        return CRM_ELIMIT;
    }

    s = call->result->u.text;
    p = (char *) (uintptr_t) s.data;
    inside = 0;

    for (i = 0; i < s.len; i++) {
        letter = (p[i] >= 'a' && p[i] <= 'z') || (unsigned char) p[i] >= 0x80;

        if (letter && !inside && (unsigned char) p[i] < 0x80) {
            p[i] = (char) (p[i] - 'a' + 'A');
        }

        inside = letter || (p[i] >= '0' && p[i] <= '9') || p[i] == '\'';
    }

    return CRM_OK;
}


static int
change_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}


static crm_status_t
change_trim(crm_deluge_call_t *call, int left, int right)
{
    crm_str_t  s;

    s = call->args[0].u.text;

    while (left && s.len && change_blank(s.data[0])) {
        s.data++;
        s.len--;
    }

    while (right && s.len && change_blank(s.data[s.len - 1])) {
        s.len--;
    }

    *call->result = crm_deluge_text(s);

    return CRM_OK;
}


static crm_status_t
change_trim_both(crm_deluge_call_t *call)
{
    return change_trim(call, 1, 1);
}


static crm_status_t
change_trim_left(crm_deluge_call_t *call)
{
    return change_trim(call, 1, 0);
}


static crm_status_t
change_trim_right(crm_deluge_call_t *call)
{
    return change_trim(call, 0, 1);
}


/* Every place of a text, or the first alone, becomes another. */
static crm_status_t
change_put(crm_deluge_call_t *call, crm_str_t with, int first)
{
    size_t     at;
    crm_buf_t  buf;
    crm_str_t  s, what;

    crm_deluge_buf(call->run, &buf);

    s = call->args[0].u.text;
    what = call->args[1].u.text;

    while (what.len && (at = crm_deluge_text_find(s, what, 0)) != SIZE_MAX) {
        crm_buf_add(&buf, s.data, at);
        crm_buf_str(&buf, with);

        s = crm_str(s.data + at + what.len, s.len - at - what.len);

        if (first) {
            break;
        }
    }

    crm_buf_str(&buf, s);

    return crm_deluge_buf_end(call->run, call->place, &buf, call->result);
}


static crm_status_t
change_replace(crm_deluge_call_t *call)
{
    return change_put(call, call->args[2].u.text, 0);
}


static crm_status_t
change_remove(crm_deluge_call_t *call)
{
    return change_put(call, CRM_STR(""), 0);
}


static crm_status_t
change_remove_first(crm_deluge_call_t *call)
{
    return change_put(call, CRM_STR(""), 1);
}


static crm_status_t
change_remove_last(crm_deluge_call_t *call)
{
    size_t     at;
    crm_buf_t  buf;
    crm_str_t  s, what;

    crm_deluge_buf(call->run, &buf);

    s = call->args[0].u.text;
    what = call->args[1].u.text;
    at = what.len ? crm_deluge_text_find(s, what, 1) : SIZE_MAX;

    if (at == SIZE_MAX) {
        *call->result = call->args[0];
        return CRM_OK;
    }

    crm_buf_add(&buf, s.data, at);
    crm_buf_add(&buf, s.data + at + what.len, s.len - at - what.len);

    return crm_deluge_buf_end(call->run, call->place, &buf, call->result);
}


static crm_status_t
change_keep(crm_deluge_call_t *call, int how)
{
    int        kind;
    char       c;
    size_t     i;
    crm_buf_t  buf;
    crm_str_t  s;

    crm_deluge_buf(call->run, &buf);
    s = call->args[0].u.text;

    for (i = 0; i < s.len; i++) {
        c = s.data[i];

        kind = (c | 0x20) >= 'a' && (c | 0x20) <= 'z' ? CHANGE_LETTERS
               : c >= '0' && c <= '9' ? CHANGE_DIGITS : CHANGE_REST;

        if (how & kind) {
            crm_buf_putc(&buf, c);
        }
    }

    return crm_deluge_buf_end(call->run, call->place, &buf, call->result);
}


static crm_status_t
change_letters(crm_deluge_call_t *call)
{
    return change_keep(call, CHANGE_LETTERS);
}


static crm_status_t
change_letters_digits(crm_deluge_call_t *call)
{
    return change_keep(call, CHANGE_LETTERS|CHANGE_DIGITS);
}


static crm_status_t
change_without_letters(crm_deluge_call_t *call)
{
    return change_keep(call, CHANGE_DIGITS|CHANGE_REST);
}


static crm_status_t
change_without_both(crm_deluge_call_t *call)
{
    return change_keep(call, CHANGE_REST);
}


static crm_status_t
change_reverse(crm_deluge_call_t *call)
{
    char       *p;
    size_t      i, n;
    crm_str_t   s;

    s = call->args[0].u.text;

    p = crm_pool_alloc(call->run->pool, s.len + 1);
    if (p == NULL) {
        return crm_deluge_memory(call->run, call->place);
    }

    for (i = 0; i < s.len; i += n) {
        n = crm_deluge_utf8_size(s.data + i, s.data + s.len);
        n = n ? n : 1;

        memcpy(p + s.len - i - n, s.data + i, n);
    }

    *call->result = crm_deluge_text(crm_str(p, s.len));

    return CRM_OK;
}


static crm_status_t
change_repeat(crm_deluge_call_t *call)
{
    crm_buf_t  buf;
    long long  i;

    crm_deluge_buf(call->run, &buf);

    for (i = 0; i < call->args[1].u.number
                && crm_buf_status(&buf) == CRM_OK
                && call->args[0].u.text.len; i++)
    {
        crm_buf_str(&buf, call->args[0].u.text);
    }

    return crm_deluge_buf_end(call->run, call->place, &buf, call->result);
}


/* leftpad(width), rightpad(width): with blanks. */
static crm_status_t
change_pad(crm_deluge_call_t *call, int right)
{
    crm_buf_t  buf;
    long long  n;

    crm_deluge_buf(call->run, &buf);

    n = (long long) crm_deluge_utf8_length(call->args[0].u.text);
    n = call->args[1].u.number > n ? call->args[1].u.number - n : 0;

    if (right) {
        crm_buf_str(&buf, call->args[0].u.text);
    }

    for (/* void */; n > 0 && crm_buf_status(&buf) == CRM_OK; n--) {
        crm_buf_putc(&buf, ' ');
    }

    if (!right) {
        crm_buf_str(&buf, call->args[0].u.text);
    }

    return crm_deluge_buf_end(call->run, call->place, &buf, call->result);
}


static crm_status_t
change_pad_left(crm_deluge_call_t *call)
{
    return change_pad(call, 0);
}


static crm_status_t
change_pad_right(crm_deluge_call_t *call)
{
    return change_pad(call, 1);
}


static crm_status_t
change_concat(crm_deluge_call_t *call)
{
    return crm_deluge_arithmetic(call->run, '+', call->place, &call->args[0],
                                 &call->args[1], call->result);
}


crm_status_t
crm_deluge_text_fold(crm_deluge_call_t *call, crm_str_t *s)
{
    crm_status_t        rc;
    crm_deluge_call_t   lower;
    crm_deluge_value_t  arg, result;

    arg = crm_deluge_text(*s);
    lower = *call;
    lower.args = &arg;
    lower.result = &result;

    rc = change_case(&lower, 0);

    if (rc == CRM_OK) {
        *s = result.u.text;
    }

    return rc;
}


const crm_deluge_builtin_t  crm_deluge_change_builtins[] = {
    { "toUpperCase", CRM_DELUGE_ON_TEXT, 0, "", change_upper },
    { "upper", CRM_DELUGE_ON_TEXT, 0, "", change_upper },
    { "toLowerCase", CRM_DELUGE_ON_TEXT, 0, "", change_lower },
    { "lower", CRM_DELUGE_ON_TEXT, 0, "", change_lower },
    { "proper", CRM_DELUGE_ON_TEXT, 0, "", change_proper },
    { "trim", CRM_DELUGE_ON_TEXT, 0, "", change_trim_both },
    { "ltrim", CRM_DELUGE_ON_TEXT, 0, "", change_trim_left },
    { "rtrim", CRM_DELUGE_ON_TEXT, 0, "", change_trim_right },
    { "replace", CRM_DELUGE_ON_TEXT, 2, "tt", change_replace },
    { "replaceText", CRM_DELUGE_ON_TEXT, 2, "tt", change_replace },
    { "remove", CRM_DELUGE_ON_TEXT, 1, "t", change_remove },
    { "removeFirstOccurence", CRM_DELUGE_ON_TEXT, 1, "t",
      change_remove_first },
    { "removeLastOccurence", CRM_DELUGE_ON_TEXT, 1, "t", change_remove_last },
    { "getAlpha", CRM_DELUGE_ON_TEXT, 0, "", change_letters },
    { "getAlphaNumeric", CRM_DELUGE_ON_TEXT, 0, "", change_letters_digits },
    { "removeAllAlpha", CRM_DELUGE_ON_TEXT, 0, "", change_without_letters },
    { "removeAllAlphaNumeric", CRM_DELUGE_ON_TEXT, 0, "",
      change_without_both },
    { "reverse", CRM_DELUGE_ON_TEXT, 0, "", change_reverse },
    { "repeat", CRM_DELUGE_ON_TEXT, 1, "n", change_repeat },
    { "leftpad", CRM_DELUGE_ON_TEXT, 1, "n", change_pad_left },
    { "rightpad", CRM_DELUGE_ON_TEXT, 1, "n", change_pad_right },
    { "concat", CRM_DELUGE_ON_TEXT, 1, "t", change_concat },
    { NULL, 0, 0, NULL, NULL }
};

/*
 * Functions that write a TEXT otherwise: for URLs, in base64 or hex.
 */

#include "base/crm_base64.h"
#include "crm_deluge_run.h"
#include "crm_deluge_utf8.h"


static const char  encode_hex[] = "0123456789ABCDEF";


static int encode_digit(char c);
static crm_status_t encode_end(crm_deluge_call_t *call, crm_buf_t *buf,
    int ok);


/* As form fields are written: a blank is a plus. */
static crm_status_t
encode_url(crm_deluge_call_t *call)
{
    size_t         i;
    crm_buf_t      buf;
    crm_str_t      s;
    unsigned char  c;

    crm_deluge_buf(call->run, &buf);
    s = call->args[0].u.text;

    for (i = 0; i < s.len; i++) {
        c = (unsigned char) s.data[i];

        if ((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
            || c == '-' || c == '.' || c == '_' || c == '*')
        {
            crm_buf_putc(&buf, (char) c);

        } else if (c == ' ') {
            crm_buf_putc(&buf, '+');

        } else {
            crm_buf_putc(&buf, '%');
            crm_buf_putc(&buf, encode_hex[c >> 4]);
            crm_buf_putc(&buf, encode_hex[c & 0x0f]);
        }
    }

    return encode_end(call, &buf, 1);
}


static crm_status_t
decode_url(crm_deluge_call_t *call)
{
    int        ok;
    size_t     i;
    crm_buf_t  buf;
    crm_str_t  s;

    crm_deluge_buf(call->run, &buf);
    s = call->args[0].u.text;
    ok = 1;

    for (i = 0; i < s.len; i++) {

        if (s.data[i] != '%') {
            crm_buf_putc(&buf, s.data[i] == '+' ? ' ' : s.data[i]);
            continue;
        }

        if (s.len - i < 3 || encode_digit(s.data[i + 1]) < 0
            || encode_digit(s.data[i + 2]) < 0)
        {
            ok = 0;
            break;
        }

        crm_buf_putc(&buf, (char) (encode_digit(s.data[i + 1]) << 4
                                   | encode_digit(s.data[i + 2])));
        i += 2;
    }

    return encode_end(call, &buf, ok);
}


static crm_status_t
encode_base64(crm_deluge_call_t *call)
{
    crm_buf_t  buf;

    crm_deluge_buf(call->run, &buf);
    crm_base64_encode(&buf, call->args[0].u.text, CRM_BASE64);

    return encode_end(call, &buf, 1);
}


static crm_status_t
decode_base64(crm_deluge_call_t *call)
{
    crm_buf_t     buf;
    crm_status_t  rc;

    crm_deluge_buf(call->run, &buf);
    rc = crm_base64_decode(&buf, call->args[0].u.text, CRM_BASE64);

    return encode_end(call, &buf, rc == CRM_OK);
}


static crm_status_t
encode_text_hex(crm_deluge_call_t *call)
{
    size_t     i;
    crm_buf_t  buf;
    crm_str_t  s;

    crm_deluge_buf(call->run, &buf);
    s = call->args[0].u.text;

    for (i = 0; i < s.len; i++) {
        crm_buf_putc(&buf, (char) (encode_hex[(unsigned char) s.data[i] >> 4]
                                   | 0x20));
        crm_buf_putc(&buf, (char) (encode_hex[(unsigned char) s.data[i]
                                              & 0x0f] | 0x20));
    }

    return encode_end(call, &buf, 1);
}


static crm_status_t
decode_text_hex(crm_deluge_call_t *call)
{
    int        ok;
    size_t     i;
    crm_buf_t  buf;
    crm_str_t  s;

    crm_deluge_buf(call->run, &buf);
    s = call->args[0].u.text;
    ok = s.len % 2 == 0;

    for (i = 0; i + 1 < s.len && ok; i += 2) {
        ok = encode_digit(s.data[i]) >= 0 && encode_digit(s.data[i + 1]) >= 0;

        crm_buf_putc(&buf, (char) ((unsigned) encode_digit(s.data[i]) << 4
                                   | (unsigned) encode_digit(s.data[i + 1])));
    }

    return encode_end(call, &buf, ok);
}


const crm_deluge_builtin_t  crm_deluge_encode_builtins[] = {
    { "encodeUrl", CRM_DELUGE_ON_TEXT, 0, "", encode_url },
    { "decodeUrl", CRM_DELUGE_ON_TEXT, 0, "", decode_url },
    { "zoho.encryption.urlEncode", CRM_DELUGE_ON_TEXT, 0, "", encode_url },
    { "zoho.encryption.urlDecode", CRM_DELUGE_ON_TEXT, 0, "", decode_url },
    { "base64Encode", CRM_DELUGE_ON_TEXT, 0, "", encode_base64 },
    { "base64Decode", CRM_DELUGE_ON_TEXT, 0, "", decode_base64 },
    { "zoho.encryption.base64Encode", CRM_DELUGE_ON_TEXT, 0, "",
      encode_base64 },
    { "zoho.encryption.base64Decode", CRM_DELUGE_ON_TEXT, 0, "",
      decode_base64 },
    { "textToHex", CRM_DELUGE_ON_TEXT, 0, "", encode_text_hex },
    { "hexToText", CRM_DELUGE_ON_TEXT, 0, "", decode_text_hex },
    { NULL, 0, 0, NULL, NULL }
};


/* -1: it is none. */
static int
encode_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c |= 0x20;

    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}


/* What is no text, or was none, cannot be one. */
static crm_status_t
encode_end(crm_deluge_call_t *call, crm_buf_t *buf, int ok)
{
    crm_status_t  rc;

    rc = crm_deluge_buf_end(call->run, call->place, buf, call->result);

    if (rc == CRM_OK
        && (!ok || crm_deluge_utf8_valid(call->result->u.text)
                   != call->result->u.text.len))
    {
        return crm_deluge_throw(call->run, call->place,
                   "%.*s has met what it cannot read, or what is no text",
                   (int) call->name.len, call->name.data);
    }

    return rc;
}

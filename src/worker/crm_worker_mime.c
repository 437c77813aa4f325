/*
 * A mail as it stands on the wire.
 */

#include "crm_worker_mime.h"
#include "base/crm_base64.h"

#include <stdio.h>
#include <string.h>
#include <time.h>


/* RFC 2047: an encoded word has 75 bytes at most, a line of them 76. The name
 * of the header stands before the first. */
#define MIME_WORD_BYTES  39

/* RFC 2045, without the "=" of a soft break. */
#define MIME_LINE        75

/* A subject that fits into one line is written as it is. */
#define MIME_PLAIN       66

/* Boundaries begin with what quoted-printable and base64 cannot hold. */
#define MIME_ALTERNATIVE "=_"
#define MIME_MIXED       "=."


static void  mime_headers(crm_buf_t *buf, const crm_worker_mime_t *mime);
static void  mime_body(crm_buf_t *buf, const crm_worker_mime_t *mime);
static void  mime_begin(crm_buf_t *buf, const crm_worker_mime_t *mime,
    const char *type, const char *sign);
static void  mime_next(crm_buf_t *buf, const crm_worker_mime_t *mime,
    const char *sign);
static void  mime_end(crm_buf_t *buf, const crm_worker_mime_t *mime,
    const char *sign);
static void  mime_date(crm_buf_t *buf, int64_t at_ms);
static void  mime_id(crm_buf_t *buf, const crm_worker_mime_t *mime);
static void  mime_name(crm_buf_t *buf, crm_str_t id);
static void  mime_subject(crm_buf_t *buf, crm_str_t subject);
static int   mime_is_plain(crm_str_t text);
static size_t  mime_word(crm_str_t text, size_t from);
static void  mime_part(crm_buf_t *buf, const char *type, crm_str_t text);
static void  mime_printable(crm_buf_t *buf, crm_str_t text);
static int   mime_at_break(crm_str_t text, size_t i);


crm_status_t
crm_worker_mime_encode(crm_buf_t *buf, const crm_worker_mime_t *mime)
{
    size_t  i;

    mime_headers(buf, mime);

    if (mime->n_files == 0) {
        mime_body(buf, mime);
        return crm_buf_status(buf);
    }

    mime_begin(buf, mime, "mixed", MIME_MIXED);
    mime_body(buf, mime);

    for (i = 0; i < mime->n_files; i++) {
        mime_next(buf, mime, MIME_MIXED);
        crm_worker_mime_file(buf, &mime->files[i]);
    }

    mime_end(buf, mime, MIME_MIXED);

    return crm_buf_status(buf);
}


static void
mime_headers(crm_buf_t *buf, const crm_worker_mime_t *mime)
{
    mime_date(buf, mime->at_ms);
    crm_buf_puts(buf, "From: <");
    crm_buf_str(buf, mime->from);
    crm_buf_puts(buf, ">\r\nTo: <");
    crm_buf_str(buf, mime->to);
    crm_buf_puts(buf, ">\r\n");

    if (mime->reply_to.data != NULL) {
        crm_buf_puts(buf, "Reply-To: <");
        crm_buf_str(buf, mime->reply_to);
        crm_buf_puts(buf, ">\r\n");
    }

    mime_subject(buf, mime->subject);
    mime_id(buf, mime);
    crm_buf_puts(buf, "Auto-Submitted: auto-generated\r\n"
                      "X-Auto-Response-Suppress: All\r\n"
                      "MIME-Version: 1.0\r\n");
}


static void
mime_body(crm_buf_t *buf, const crm_worker_mime_t *mime)
{
    if (mime->text.data == NULL || mime->html.data == NULL) {
        mime_part(buf, mime->html.data ? "html" : "plain",
                  mime->html.data ? mime->html : mime->text);
        return;
    }

    mime_begin(buf, mime, "alternative", MIME_ALTERNATIVE);
    mime_part(buf, "plain", mime->text);
    mime_next(buf, mime, MIME_ALTERNATIVE);
    mime_part(buf, "html", mime->html);
    mime_end(buf, mime, MIME_ALTERNATIVE);
}


static void
mime_begin(crm_buf_t *buf, const crm_worker_mime_t *mime, const char *type,
    const char *sign)
{
    crm_buf_puts(buf, "Content-Type: multipart/");
    crm_buf_puts(buf, type);
    crm_buf_puts(buf, ";\r\n boundary=\"");
    crm_buf_puts(buf, sign);
    mime_name(buf, mime->id);
    crm_buf_puts(buf, "\"\r\n\r\n--");
    crm_buf_puts(buf, sign);
    mime_name(buf, mime->id);
    crm_buf_puts(buf, "\r\n");
}


static void
mime_next(crm_buf_t *buf, const crm_worker_mime_t *mime, const char *sign)
{
    crm_buf_puts(buf, "\r\n--");
    crm_buf_puts(buf, sign);
    mime_name(buf, mime->id);
    crm_buf_puts(buf, "\r\n");
}


static void
mime_end(crm_buf_t *buf, const crm_worker_mime_t *mime, const char *sign)
{
    crm_buf_puts(buf, "\r\n--");
    crm_buf_puts(buf, sign);
    mime_name(buf, mime->id);
    crm_buf_puts(buf, "--\r\n");
}


static void
mime_date(crm_buf_t *buf, int64_t at_ms)
{
    char       text[64];
    time_t     at;
    struct tm  tm;

    static const char *const  days[] = {
        "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"
    };
    static const char *const  months[] = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
        "Nov", "Dec"
    };

    at = (time_t) (at_ms / 1000);

    if (gmtime_r(&at, &tm) == NULL) {
        return;         /* the relay sets its own */
    }

    snprintf(text, sizeof(text), "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n",
             days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
             tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
    crm_buf_puts(buf, text);
}


/* At the domain of the one who sends: that is where ids are unique. */
static void
mime_id(crm_buf_t *buf, const crm_worker_mime_t *mime)
{
    size_t       len;
    const char  *at;

    at = memchr(mime->from.data, '@', mime->from.len);
    len = at ? mime->from.len - (size_t) (at - mime->from.data) : 0;

    crm_buf_puts(buf, "Message-ID: <");
    mime_name(buf, mime->id);
    crm_buf_add(buf, at ? at : "@localhost", at ? len : 10);
    crm_buf_puts(buf, ">\r\n");
}


/* An id holds nothing that an address may not, but for the colon. */
static void
mime_name(crm_buf_t *buf, crm_str_t id)
{
    size_t  i;

    for (i = 0; i < id.len; i++) {
        crm_buf_putc(buf, id.data[i] == ':' ? '+' : id.data[i]);
    }
}


static void
mime_subject(crm_buf_t *buf, crm_str_t subject)
{
    size_t  i, n;

    crm_buf_puts(buf, "Subject:");

    if (mime_is_plain(subject)) {
        crm_buf_puts(buf, subject.len ? " " : "");
        crm_buf_str(buf, subject);
        crm_buf_puts(buf, "\r\n");
        return;
    }

    for (i = 0; i < subject.len; i += n) {
        n = mime_word(subject, i);

        crm_buf_puts(buf, i ? "\r\n =?UTF-8?B?" : " =?UTF-8?B?");
        crm_base64_encode(buf, crm_str(subject.data + i, n), CRM_BASE64);
        crm_buf_puts(buf, "?=");
    }

    crm_buf_puts(buf, "\r\n");
}


/* Whether it stands for itself: printable, short, and not like a word that is
 * encoded; blanks at its ends would be lost. */
static int
mime_is_plain(crm_str_t text)
{
    size_t  i;

    if (text.len > MIME_PLAIN
        || (text.len && text.data[0] == ' ')
        || (text.len && text.data[text.len - 1] == ' '))
    {
        return 0;
    }

    for (i = 0; i < text.len; i++) {
        if (text.data[i] < ' ' || text.data[i] > '~'
            || (text.data[i] == '=' && i + 1 < text.len
                && text.data[i + 1] == '?'))
        {
            return 0;
        }
    }

    return 1;
}


/* Bytes from there on for one encoded word: no character is cut in two. */
static size_t
mime_word(crm_str_t text, size_t from)
{
    size_t  n;

    n = text.len - from;

    if (n <= MIME_WORD_BYTES) {
        return n;
    }

    for (n = MIME_WORD_BYTES; n > MIME_WORD_BYTES - 4; n--) {
        if (((unsigned char) text.data[from + n] & 0xc0) != 0x80) {
            return n;
        }
    }

    return MIME_WORD_BYTES;     /* it is no UTF-8 */
}


static void
mime_part(crm_buf_t *buf, const char *type, crm_str_t text)
{
    crm_buf_puts(buf, "Content-Type: text/");
    crm_buf_puts(buf, type);
    crm_buf_puts(buf, "; charset=utf-8\r\n"
                      "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
    mime_printable(buf, text);
}


/* Line ends of any kind become CR LF; soft breaks keep lines short. */
static void
mime_printable(crm_buf_t *buf, crm_str_t text)
{
    int            as_is;
    char           code[4];
    size_t         i, column;
    unsigned char  c;

    column = 0;

    for (i = 0; i < text.len; i++) {
        c = (unsigned char) text.data[i];

        if (c == '\r' || c == '\n') {
            if (c == '\n' || i + 1 == text.len || text.data[i + 1] != '\n') {
                crm_buf_puts(buf, "\r\n");
                column = 0;
            }
            continue;
        }

        /* a blank before the line's end would not arrive */

        as_is = c == ' ' || c == '\t' ? !mime_at_break(text, i + 1)
                                      : c > ' ' && c < 0x7f && c != '=';

        if (column + (as_is ? 1 : 3) > MIME_LINE) {
            crm_buf_puts(buf, "=\r\n");
            column = 0;
        }

        if (as_is) {
            crm_buf_putc(buf, (char) c);
            column++;

        } else {
            snprintf(code, sizeof(code), "=%02X", c);
            crm_buf_puts(buf, code);
            column += 3;
        }
    }

    if (column) {
        crm_buf_puts(buf, "\r\n");
    }
}


static int
mime_at_break(crm_str_t text, size_t i)
{
    return i == text.len || text.data[i] == '\r' || text.data[i] == '\n';
}

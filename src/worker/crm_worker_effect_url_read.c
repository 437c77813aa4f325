/*
 * What came of invokeurl: JSON, a text or a file for the script.
 */

#include "crm_worker_effect_call.h"

#include "base/crm_base64.h"
#include "crm_deluge_utf8.h"


static void url_file(crm_worker_effect_t *effect, crm_str_t body,
    crm_worker_effect_end_t *end);
static crm_str_t url_latin(crm_worker_effect_t *effect, crm_str_t body);


void
crm_worker_effect_url_read(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end)
{
    int        detailed, is_json;
    crm_str_t  body, format, decoding;
    crm_buf_t  buf;

    body = crm_buf_view(&effect->answer.body);
    format = crm_worker_effect_url_option(effect, "response-format");
    decoding = crm_worker_effect_url_option(effect, "response-decoding");

    if (crm_str_caseeq(format, CRM_STR("FILE"))) {
        url_file(effect, body, end);
        return;
    }

    if (crm_str_caseeq(decoding, CRM_STR("ISO-8859-1"))) {
        body = url_latin(effect, body);
    }

    detailed = crm_span_member(effect->args[0], CRM_STR("detailed")).type
               == CRM_JSON_TRUE;
    is_json = !crm_str_caseeq(format, CRM_STR("TEXT"))
              && crm_worker_effect_url_is_json(effect, body);

    if (!is_json && crm_deluge_utf8_valid(body) != body.len) {
        (void) crm_worker_effect_throw(effect, end, 0,
                                       "the answer is no text");
        return;
    }

    crm_buf_init(&buf, effect->pool, CRM_WORKER_FRAME_MAX);

    if (detailed) {
        crm_buf_puts(&buf, "{\"responseCode\":");
        crm_buf_int(&buf, effect->answer.status);
        crm_buf_puts(&buf, ",\"responseText\":");
    }

    if (is_json && !detailed) {
        crm_buf_str(&buf, body);
    } else {
        crm_buf_json(&buf, body);
    }

    crm_buf_puts(&buf, detailed ? "}" : "");

    if (crm_buf_status(&buf) != CRM_OK) {
        (void) crm_worker_effect_throw(effect, end, 0,
                                       "the answer is too large");
        return;
    }

    end->kind = CRM_WORKER_FRAME_ANSWER;
    end->text = crm_buf_view(&buf);
}


/* Named by what the URL ends with. */
static void
url_file(crm_worker_effect_t *effect, crm_str_t body,
    crm_worker_effect_end_t *end)
{
    size_t     from, to;
    crm_str_t  url;
    crm_buf_t  buf;

    url = crm_worker_effect_url_option(effect, "url");

    for (to = 0; to < url.len && url.data[to] != '?' && url.data[to] != '#';
         to++)
    {
        /* void */
    }

    for (from = to; from > 0 && url.data[from - 1] != '/'; from--) {
        /* void */
    }

    crm_buf_init(&buf, effect->pool, CRM_WORKER_FRAME_MAX);
    crm_buf_puts(&buf, "{\"file.name\":");
    crm_buf_json(&buf, to > from ? crm_str(url.data + from, to - from)
                                 : CRM_STR("file"));
    crm_buf_puts(&buf, ",\"file.type\":\"\",\"file.base64\":\"");
    crm_base64_encode(&buf, body, CRM_BASE64);
    crm_buf_puts(&buf, "\"}");

    if (crm_buf_status(&buf) != CRM_OK) {
        (void) crm_worker_effect_throw(effect, end, 0,
                                       "the answer is too large");
        return;
    }

    end->kind = CRM_WORKER_FRAME_FILE;
    end->text = crm_buf_view(&buf);
}


static crm_str_t
url_latin(crm_worker_effect_t *effect, crm_str_t body)
{
    size_t         i;
    crm_buf_t      buf;
    unsigned char  c;

    crm_buf_init(&buf, effect->pool, CRM_WORKER_FRAME_MAX);

    for (i = 0; i < body.len; i++) {
        c = (unsigned char) body.data[i];

        if (c >= 0x80) {
            crm_buf_putc(&buf, (char) (0xc0 | c >> 6));
            c = (unsigned char) (0x80 | (c & 0x3f));
        }

        crm_buf_putc(&buf, (char) c);
    }

    return crm_buf_status(&buf) == CRM_OK && buf.len ? crm_buf_view(&buf)
                                                     : CRM_STR("");
}

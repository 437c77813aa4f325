/*
 * An answer that somebody reads.
 */

#include "crm_worker_answer.h"


/* An id of ours has 26 characters; what is longer is none. */
#define ANSWER_MAX_EVENT  64


static int  answer_value(crm_str_t *value, crm_str_t line, const char *name);


void
crm_worker_answer_init(crm_worker_answer_t *answer, crm_pool_t *pool,
    size_t body_max_bytes)
{
    memset(answer, 0, sizeof(crm_worker_answer_t));

    answer->pool = pool;
    crm_buf_init(&answer->body, pool, body_max_bytes);
}


int
crm_worker_answer_header(crm_worker_answer_t *answer, crm_str_t line)
{
    crm_str_t  value;

    if (line.len > 5 && memcmp(line.data, "HTTP/", 5) == 0) {
        answer->event = CRM_STR_NULL;
        answer->committed = 0;
        answer->encoded = 0;
        return 1;
    }

    if (answer_value(&value, line, "content-encoding")) {
        answer->encoded = value.len > 0
                          && !crm_str_caseeq(value, CRM_STR("identity"));
        return 1;
    }

    if (answer_value(&value, line, "crm-event-state")) {
        answer->committed = crm_str_is(value, "committed");
        return 1;
    }

    if (answer_value(&value, line, "crm-event")
        && value.len <= ANSWER_MAX_EVENT)
    {
        answer->event = crm_pool_dup(answer->pool, value);
        return answer->event.data != NULL;
    }

    return 1;
}


int
crm_worker_answer_body(crm_worker_answer_t *answer, crm_str_t bytes)
{
    crm_buf_str(&answer->body, bytes);
    answer->too_large = crm_buf_status(&answer->body) == CRM_ELIMIT;

    return crm_buf_status(&answer->body) == CRM_OK;
}


/* The value without the blanks around it; 0: another header. */
static int
answer_value(crm_str_t *value, crm_str_t line, const char *name)
{
    size_t  len;

    len = strlen(name);

    if (line.len <= len || line.data[len] != ':'
        || !crm_str_caseeq(crm_str(line.data, len), crm_str(name, len)))
    {
        return 0;
    }

    *value = crm_str(line.data + len + 1, line.len - len - 1);

    while (value->len > 0 && (value->data[0] == ' ' || value->data[0] == '\t'))
    {
        value->data++;
        value->len--;
    }

    while (value->len > 0
           && memchr(" \t\r\n", value->data[value->len - 1], 4) != NULL)
    {
        value->len--;
    }

    return 1;
}

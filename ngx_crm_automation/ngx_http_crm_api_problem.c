/*
 * What crm_api answers itself, as problem+json: a request that goes no further
 * than its own location.
 */

#include "ngx_http_crm_module.h"


/* What is answered when the request goes no further. */
typedef struct {
    ngx_uint_t   status;
    const char  *title;
    const char  *code;
} ngx_http_crm_api_fault_t;

/* The same of one request, until its body has been read. */
typedef struct {
    const ngx_http_crm_api_fault_t  *fault;
    const char                      *detail;
} ngx_http_crm_api_told_t;


static void ngx_http_crm_api_send(ngx_http_request_t *r);
static ngx_int_t ngx_http_crm_api_tell(ngx_http_request_t *r,
    const ngx_http_crm_api_told_t *told);
static void ngx_http_crm_api_told(void *data);


static const ngx_http_crm_api_fault_t  ngx_http_crm_api_faults[] = {
    { NGX_HTTP_UNAUTHORIZED, "Who calls is not known", "INVALID_TOKEN" },
    { NGX_HTTP_FORBIDDEN, "Permission denied", "NO_PERMISSION" },
    { NGX_HTTP_NOT_FOUND, "There is no such call", "INVALID_URL_PATTERN" },
    { NGX_HTTP_NOT_ALLOWED, "The call has no such method",
      "INVALID_REQUEST_METHOD" },
    { NGX_HTTP_UNSUPPORTED_MEDIA_TYPE, "The body must be JSON",
      "INVALID_REQUEST" },
    { 0, NULL, NULL }
};


ngx_int_t
ngx_http_crm_api_problem(ngx_http_request_t *r, ngx_uint_t status,
    const char *detail)
{
    ngx_int_t                        rc;
    ngx_pool_cleanup_t              *cln;
    ngx_http_crm_api_told_t         *told;
    const ngx_http_crm_api_fault_t  *fault;

    for (fault = ngx_http_crm_api_faults; fault->status != status; fault++) {
        if (fault->status == 0) {
            return (ngx_int_t) status;
        }
    }

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_crm_api_told_t));
    if (cln == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    told = cln->data;
    told->fault = fault;
    told->detail = detail;
    cln->handler = ngx_http_crm_api_told;

    if (ngx_http_crm_answer_unread(r)) {
        rc = ngx_http_read_client_request_body(r, ngx_http_crm_api_send);

        if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
            return rc;
        }

    } else {
        r->main->count++;
        ngx_http_crm_api_send(r);
    }

    return NGX_DONE;
}


/* What ..._problem() has noted. */
static void
ngx_http_crm_api_send(ngx_http_request_t *r)
{
    ngx_int_t                 rc;
    ngx_pool_cleanup_t       *cln;
    ngx_http_crm_api_told_t  *told;

    told = NULL;

    for (cln = r->pool->cleanup; cln; cln = cln->next) {
        if (cln->handler == ngx_http_crm_api_told) {
            told = cln->data;
            break;
        }
    }

    rc = told ? ngx_http_discard_request_body(r)
              : NGX_HTTP_INTERNAL_SERVER_ERROR;

    ngx_http_finalize_request(r, rc == NGX_OK
                                 ? ngx_http_crm_api_tell(r, told) : rc);
}


static ngx_int_t
ngx_http_crm_api_tell(ngx_http_request_t *r,
    const ngx_http_crm_api_told_t *told)
{
    u_char                          *p;
    ngx_int_t                        rc;
    ngx_buf_t                       *b;
    ngx_chain_t                      out;
    const ngx_http_crm_api_fault_t  *fault;

    static const char  shape[] = "{\"type\":\"about:blank\",\"title\":\"%s\","
                                 "\"status\":%ui,\"detail\":\"%s\","
                                 "\"code\":\"%s\"}";

    fault = told->fault;

    b = ngx_create_temp_buf(r->pool, sizeof(shape) + NGX_INT_T_LEN
                                     + ngx_strlen(fault->title)
                                     + ngx_strlen(told->detail)
                                     + ngx_strlen(fault->code));
    if (b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    p = ngx_sprintf(b->last, shape, fault->title, fault->status, told->detail,
                    fault->code);
    b->last = p;
    b->last_buf = 1;
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    r->headers_out.status = fault->status;
    r->headers_out.content_length_n = b->last - b->pos;
    ngx_str_set(&r->headers_out.content_type, "application/problem+json");
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;

    rc = ngx_http_send_header(r);

    return rc != NGX_ERROR && rc <= NGX_OK && !r->header_only
           ? ngx_http_output_filter(r, &out) : rc;
}


/* The request keeps what is to be told; nothing is to be ended. */
static void
ngx_http_crm_api_told(void *data)
{
    (void) data;
}

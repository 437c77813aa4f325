/*
 * Connections that are used again, against a server that speaks when nobody
 * asks. What it has said since the loop looked last would be taken for the
 * answer to the next request.
 */

#include "crm_test.h"

#include "crm_worker_peer.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>


typedef struct {
    crm_worker_loop_t         loop;
    crm_worker_peers_t       *peers;
    crm_worker_peer_t        *peer;
    crm_worker_connection_t  *connection;
    CURLcode                  code;
    int                       listener;
    int                       server;       /* end of the connection */
} world_t;


static void
on_dialed(void *data, CURLcode code)
{
    world_t  *world = data;

    world->code = code;
    crm_worker_loop_stop(&world->loop);
}


static void
dial(world_t *world)
{
    CURL                       *easy;
    char                        url[64];
    socklen_t                   len;
    crm_error_t                 err;
    crm_worker_target_t         target;
    crm_worker_resolve_list_t   list;
    struct sockaddr_in         *addr;

    memset(world, 0, sizeof(world_t));
    memset(&list, 0, sizeof(list));

    list.count = 1;
    addr = (struct sockaddr_in *) &list.addrs[0];
    addr->sin_family = AF_INET;
    addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    len = sizeof(*addr);

    world->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(world->listener, (struct sockaddr *) addr, len), 0);
    assert_int_equal(listen(world->listener, 1), 0);
    assert_int_equal(getsockname(world->listener, (struct sockaddr *) addr,
                                 &len), 0);

    assert_int_equal(crm_worker_loop_init(&world->loop, &err), CRM_OK);
    world->peers = crm_worker_peers_create(&world->loop);
    assert_non_null(world->peers);

    snprintf(url, sizeof(url), "http://127.0.0.1:%u/",
             (unsigned) ntohs(addr->sin_port));
    assert_int_equal(crm_worker_target_parse(&target, crm_strz(url), 100,
                                             &err), CRM_OK);

    world->peer = crm_worker_peer_get(world->peers, CRM_STR("acme"), &target,
                                      NULL, &list);
    assert_non_null(world->peer);

    /* once for the connection, once for the test */
    assert_ptr_equal(crm_worker_peer_get(world->peers, CRM_STR("acme"),
                                         &target, NULL, &list), world->peer);

    easy = crm_worker_peer_easy(world->peer);
    assert_non_null(easy);
    assert_int_equal(curl_easy_setopt(easy, CURLOPT_CURLU, target.url),
                     CURLE_OK);
    world->connection = crm_worker_connection_dial(&world->loop, easy,
                                                   on_dialed, world);
    assert_non_null(world->connection);
    crm_worker_loop_run(&world->loop);
    assert_int_equal(world->code, CURLE_OK);

    world->server = accept(world->listener, NULL, NULL);
    assert_true(world->server >= 0);
    crm_worker_target_clean(&target);
}


static void
end(world_t *world)
{
    crm_worker_peer_put(world->peer, NULL);
    crm_worker_peers_destroy(world->peers);
    assert_int_equal(crm_worker_loop_close(&world->loop), 1);
    close(world->listener);
    close(world->server);
}


/* It has come, and the loop has not looked. */
static void
wait_readable(world_t *world)
{
    curl_socket_t  fd;
    struct pollfd  ready;

    assert_int_equal(curl_easy_getinfo(
                         crm_worker_connection_easy(world->connection),
                         CURLINFO_ACTIVESOCKET, &fd), CURLE_OK);
    ready.fd = fd;
    ready.events = POLLIN;
    assert_int_equal(poll(&ready, 1, 10000), 1);
}


static void
a_connection_that_is_quiet_is_used_again(void **state)
{
    world_t  world;

    (void) state;

    dial(&world);
    crm_worker_peer_put(world.peer, world.connection);
    assert_ptr_equal(crm_worker_peer_take(world.peer), world.connection);
    assert_null(crm_worker_peer_take(world.peer));
    crm_worker_connection_close(world.connection);
    end(&world);
}


static void
one_that_has_spoken_or_ended_is_not(void **state)
{
    int      speaks;
    world_t  world;

    (void) state;

    for (speaks = 0; speaks < 2; speaks++) {
        dial(&world);
        crm_worker_peer_put(world.peer, world.connection);

        if (speaks) {
            assert_int_equal(send(world.server, "HTTP/1.1 200 OK\r\n", 17, 0),
                             17);
        } else {
            assert_int_equal(shutdown(world.server, SHUT_WR), 0);
        }

        wait_readable(&world);
        assert_null(crm_worker_peer_take(world.peer));
        end(&world);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(a_connection_that_is_quiet_is_used_again),
        cmocka_unit_test(one_that_has_spoken_or_ended_is_not)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

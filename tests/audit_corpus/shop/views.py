"""Views of a Django project."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import View

from .services import CustomerService


def enrol(request: HttpRequest) -> HttpResponse:
    service = CustomerService()
    service.client.users.get(request.GET.get("name", ""))  # use: users.get
    return JsonResponse({"id": service.enrol(request.POST["email"])})


class StampView(View):
    service = CustomerService()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.service.client.loyalty.add_stamp(kwargs["card"])  # use: loyalty.add_stamp
        request.stemp.loyalty.get_stamps(kwargs["card"])  # unsure: loyalty.get_stamps
        return HttpResponse()
